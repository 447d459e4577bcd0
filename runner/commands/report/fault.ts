import { ConnectorError } from '../../connector/index.ts'
import { StoreError } from '../../store/index.ts'
import { type Program, status, UsageError } from '../program.ts'

/** What no loop has caught: a wrong call, a store that cannot be used, or a bug of ours. */
export function reportFault(error: unknown, program: Program): number {
  if (error instanceof UsageError) {
    program.stderr.write(`${error.message}\n`)
    return status.usage
  }
  if (error instanceof StoreError || (error instanceof ConnectorError && error.kind !== 'bug')) {
    program.stderr.write(`${error.message} [${error.code}]\n`)
    return status.fault
  }
  program.stderr.write(
    `${error instanceof Error ? error.stack : String(error)}\nThis is a fault of the runner itself: please report it. [bug]\n`,
  )
  return status.fault
}
