import type { Clock } from '../connector/index.ts'
import type { CycleOptions, Summary } from '../engine/index.ts'
import type { TriggerBlock } from '../recipe/index.ts'
import type { CycleRequest } from './cycle.ts'
import { scheduleOf, untilDue } from './schedule.ts'
import { shortSignal } from './signals.ts'

/** A recipe that is open. */
export interface Watched {
  recipe: { trigger: Pick<TriggerBlock, 'everyMs' | 'schedule'> }
  cycle(request: CycleRequest): Promise<Summary>
}

export interface WatchPorts {
  clock: Clock
  /** First signal: the cycles that run end in peace, and none begins. */
  stop: AbortSignal
  /** Second signal. */
  abort: AbortSignal
  /** Of each cycle, in milliseconds of the real time. */
  maxTimeMs: number
  /** Of each cycle. */
  options?: CycleOptions
}

/**
 * Repeats the cycles of several recipes, each on its own schedule and the first at once, until stopped. Trigger errors and job errors are results like any other.
 * @returns the last summary of each
 * @throws what a cycle throws, which is a fault of the runner; the others have ended in peace by then
 */
export async function watch(recipes: readonly Watched[], ports: WatchPorts): Promise<Summary[]> {
  const fault = new AbortController()
  const stop = AbortSignal.any([ports.stop, fault.signal])
  const watching = recipes.map((recipe) =>
    repeat(recipe, { ...ports, stop }).catch((thrown) => {
      fault.abort(thrown)
      throw thrown
    }),
  )
  await Promise.allSettled(watching)
  return Promise.all(watching)
}

async function repeat(watched: Watched, ports: WatchPorts): Promise<Summary> {
  const { clock, stop } = ports
  const schedule = await scheduleOf(watched.recipe.trigger)
  for (;;) {
    const began = clock.now()
    const summary = await oneCycle(watched, ports)
    await untilDue(schedule, began, clock, stop).catch((thrown) => {
      if (!stop.aborted) throw thrown
    })
    if (stop.aborted) return summary
  }
}

async function oneCycle({ cycle }: Watched, { stop, abort, maxTimeMs, options }: WatchPorts): Promise<Summary> {
  const [ends, gone] = [shortSignal(stop, maxTimeMs), shortSignal(abort)]
  try {
    return await cycle({ ...options, stop: ends.signal, abort: gone.signal })
  } finally {
    ends.release()
    gone.release()
  }
}
