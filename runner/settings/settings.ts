/** What `runner.yaml` says, with every default filled in. */
export interface Settings {
  /** Milliseconds: lead time of the warnings about sign-ins and credentials that end. */
  warnBeforeMs: number
}

const dayMs = 86_400_000

/** Of a root whose `runner.yaml` is empty or not there. */
export const defaults: Settings = {
  warnBeforeMs: 14 * dayMs,
}
