const tails = new Map<string, Promise<unknown>>()

/** Runs work on one file after the work that was asked for earlier, also through other connections of this process. */
export async function inTurn<T>(file: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(file)
  const mine = (async () => {
    await before?.catch(() => undefined)
    return work()
  })()
  tails.set(file, mine)
  try {
    return await mine
  } finally {
    if (tails.get(file) === mine) tails.delete(file)
  }
}
