/** So many at once, the others in the order they came. */
export interface Slots {
  /** Resolves with what gives the slot back. @throws the signal's reason when aborted while waiting */
  take(signal?: AbortSignal): Promise<() => void>
}

export function openSlots(atOnce: number): Slots {
  let free = atOnce
  const waiting = new Set<() => void>()

  function release(): void {
    const [first] = waiting
    if (!first) {
      free++
      return
    }
    waiting.delete(first)
    first()
  }

  return {
    async take(signal) {
      signal?.throwIfAborted()
      if (free > 0) free--
      else {
        await new Promise<void>((resolve, reject) => {
          const go = () => {
            signal?.removeEventListener('abort', abort)
            resolve()
          }
          const abort = () => {
            waiting.delete(go)
            reject(signal?.reason)
          }
          waiting.add(go)
          signal?.addEventListener('abort', abort, { once: true })
        })
      }
      return release
    },
  }
}
