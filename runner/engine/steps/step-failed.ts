import type { Failure } from '../failure.ts'

/** A step that could not be completed; unwinds the job up to whoever handles it. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed'
  readonly address: string
  readonly failure: Failure
  constructor(address: string, failure: Failure) {
    super(failure.message)
    this.address = address
    this.failure = failure
  }
}
