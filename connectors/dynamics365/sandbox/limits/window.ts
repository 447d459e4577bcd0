const slots = 60

/** What was used within a sliding window, summed in sixty slots, so that asking and adding cost the same whatever the traffic is. */
export class SlidingWindow {
  readonly #slotMs: number
  readonly #requests = new Float64Array(slots)
  readonly #time = new Float64Array(slots)
  /** Number of the slot, since the beginning of time, that each place holds. */
  readonly #slot = new Float64Array(slots).fill(-1)
  requests = 0
  timeMs = 0

  constructor(windowMs: number) {
    this.#slotMs = windowMs / slots
  }

  /** Forgets what is older than the window. */
  advance(now: number): void {
    const current = Math.floor(now / this.#slotMs)
    for (let at = 0; at < slots; at++) {
      if (this.#slot[at]! < 0 || (this.#slot[at]! > current - slots && this.#slot[at]! <= current)) continue
      this.requests -= this.#requests[at]!
      this.timeMs -= this.#time[at]!
      this.#slot[at] = -1
      this.#requests[at] = 0
      this.#time[at] = 0
    }
  }

  add(now: number, requests: number, timeMs: number): void {
    const slot = Math.floor(now / this.#slotMs)
    const at = ((slot % slots) + slots) % slots
    if (this.#slot[at] !== slot) this.advance(now)
    this.#slot[at] = slot
    this.#requests[at]! += requests
    this.#time[at]! += timeMs
    this.requests += requests
    this.timeMs += timeMs
  }

  /** Milliseconds until both sums are below their limits, if nothing is added. */
  untilBelow(now: number, requests: number, timeMs: number): number {
    const used = [...this.#slot.keys()].filter((at) => this.#slot[at]! >= 0).sort((a, b) => this.#slot[a]! - this.#slot[b]!)
    let [left, leftMs] = [this.requests, this.timeMs]
    for (const at of used) {
      if (left < requests && leftMs < timeMs) break
      left -= this.#requests[at]!
      leftMs -= this.#time[at]!
      if (left < requests && leftMs < timeMs) return Math.max(0, (this.#slot[at]! + slots) * this.#slotMs - now)
    }
    return 0
  }
}
