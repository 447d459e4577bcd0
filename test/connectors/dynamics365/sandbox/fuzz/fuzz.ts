import { createContext, Script } from 'node:vm'
import fc from 'fast-check'

const runs = Number(process.env.FUZZ_RUNS ?? 200)
const seed = Number(process.env.FUZZ_SEED ?? 1)
const boundMs = 10_000

/**
 * Tries random inputs: `FUZZ_RUNS` of them (default 200) times `share`, made from `FUZZ_SEED` (default 1).
 * A failure prints the seed and the smallest input that was found; with `FUZZ_RUNS` a success prints what came of how many.
 * @param check throws for a fault, and gives in a word what came of the input
 */
export async function fuzz<Input>(
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => Promise<string | number>,
  share = 1,
): Promise<void> {
  const outcomes = new Map<string | number, number>()
  let slowest = 0
  const property = fc.asyncProperty(inputs, async (input) => {
    const began = performance.now()
    const outcome = await check(input)
    slowest = Math.max(slowest, performance.now() - began)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  })
  await fc.assert(property, { seed, numRuns: Math.ceil(runs * share), includeErrorInReport: true })
  if (process.env.FUZZ_RUNS === undefined) return
  const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${outcome}: ${count}`)
  process.stdout.write(`${counts.join(', ')}; the slowest took ${Math.round(slowest)} ms\n`)
}

const context = createContext({ work: undefined })
const call = new Script('work()')

/** Does something that does not wait, and ends it where it does not end by itself, be it within a regular expression. @throws Error after 10 s */
export function bounded<Result>(work: () => Result): Result {
  context.work = work
  return call.runInContext(context, { timeout: boundMs })
}

/** The same for what waits. */
export async function within<Result>(work: Promise<Result>, ms = boundMs): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`There was no answer within ${ms} ms.`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
