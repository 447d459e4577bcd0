/**
 * Does the work for every item, at most so many at once, started in order.
 * After a failure nothing more is started; what is under way ends before the first failure is thrown, so that none of its results is lost.
 */
export async function pool<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  let failed: { thrown: unknown } | undefined
  const worker = async () => {
    for (const item of left) {
      if (failed) return
      try {
        await work(item)
      } catch (thrown) {
        failed ??= { thrown }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failed) throw failed.thrown
}
