/** Far longer than anything takes here; what does not come at all is told. */
const patienceMs = 120_000

/** Things that happen, in order. Whoever waits for one gets it as soon as it is there. */
export interface Journal<T> {
  readonly all: readonly T[]
  add(item: T): void
  /** The first that fits among those that no earlier call has passed; what comes before it is passed. @throws once it is closed without one, or after two minutes */
  next(fits: (item: T) => boolean): Promise<T>
  /** Passes all that there is. */
  skip(): void
  /** Nothing more will come. */
  close(why: string): void
}

export function journal<T>(): Journal<T> {
  const all: T[] = []
  let passed = 0
  let closed: string | undefined
  let wake = () => {}
  return {
    all,
    add(item) {
      all.push(item)
      wake()
    },
    async next(fits) {
      for (;;) {
        while (passed < all.length) {
          const item = all[passed++] as T
          if (fits(item)) return item
        }
        if (closed !== undefined) throw new Error(closed)
        await new Promise<void>((resolve, reject) => {
          const late = setTimeout(() => reject(new Error(`it did not come; the last were ${JSON.stringify(all.slice(-5))}`)), patienceMs)
          wake = () => {
            clearTimeout(late)
            resolve()
          }
        })
      }
    },
    skip() {
      passed = all.length
    },
    close(why) {
      closed = why
      wake()
    },
  }
}
