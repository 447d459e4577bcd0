import { ConnectorError } from '../../connector/index.ts'

/** A value, or where it was looked for and what was there instead: `/run/secrets/NAME (no such file)`. */
export type Found = { value: string } | { looked: string }

/** One place where secrets may be. */
export interface SecretSource {
  /** Asked only for names that a connection refers to. @throws ConnectorError `secret_source_failed` */
  find(name: string): Promise<Found>
}

export function sourceFailed(message: string): ConnectorError {
  return new ConnectorError('rejected', 'secret_source_failed', message)
}

/** An empty value counts as none, but is told. */
export function filled(value: string | undefined, place: string, absent: string): Found {
  return value ? { value } : { looked: `${place} (${value === undefined ? absent : 'empty'})` }
}
