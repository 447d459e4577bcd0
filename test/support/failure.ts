import * as assert from 'uvu/assert'
import { ConnectorError } from '../../runner/connector/index.ts'

/** The error that ends it; it must be one of ours. */
export async function failure(promise: Promise<unknown>): Promise<ConnectorError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(thrown, 'it did not fail')
  if (!(thrown instanceof ConnectorError)) throw thrown
  return thrown
}
