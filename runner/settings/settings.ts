import type { SecretPlace } from '../connection/index.ts'

/** What `runner.yaml` says, with every default filled in. */
export interface Settings {
  /** Places of secrets, in the order in which they are asked. */
  secrets: SecretPlace[]
  /** Where the key of the store is kept, unless RUNNER_KEY gives it. */
  storeKey: 'file' | 'keyring'
  /** Milliseconds: lead time of the warnings about sign-ins and credentials that end. */
  warnBeforeMs: number
}

const dayMs = 86_400_000

/** Of a root whose `runner.yaml` is empty or not there. */
export const defaults: Settings = {
  secrets: ['env', 'dotenv'],
  storeKey: 'file',
  warnBeforeMs: 14 * dayMs,
}
