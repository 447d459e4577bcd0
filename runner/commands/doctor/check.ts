import { ConnectorError, type Finding } from '../../connector/index.ts'
import { StoreError } from '../../store/index.ts'

/** One link of a chain: what it is called, and the look at it. What it throws with a code is a failure of this link. */
export interface Check<Context> {
  title: string
  run(context: Context): Promise<Finding | Finding[]>
}

/** A line of the report. */
export interface Line extends Finding {
  /** What was looked at: this machine, a root, or a connection. */
  subject: string
  check: string
}

export type Tell = (line: Line) => void

/** One check after the other, up to the first that fails: what follows makes no sense then. @returns whether all went well */
export async function runChecks<Context>(
  checks: readonly Check<Context>[],
  context: Context,
  subject: string,
  tell: Tell,
): Promise<boolean> {
  for (const { title, run } of checks) {
    const findings = [await run(context).catch(failed)].flat()
    for (const finding of findings) tell({ subject, check: title, ...finding })
    if (findings.some(({ result }) => result === 'failed')) return false
  }
  return true
}

/** Messages of ours say what happened and what to do. */
export function failed(thrown: unknown): Finding {
  if (thrown instanceof StoreError || (thrown instanceof ConnectorError && thrown.kind !== 'bug'))
    return { result: 'failed', says: thrown.message, code: thrown.code }
  throw thrown
}
