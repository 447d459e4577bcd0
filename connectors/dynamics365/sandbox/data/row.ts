import { ConnectorError } from '../../../../runner/connector/index.ts'

/** A row of a file. */
export interface DataRow {
  /** Of a create request. */
  body: Record<string, unknown>
  /** Where it begins, for messages: `accounts.csv:3`. */
  place: string
}

export function unusable(place: string, message: string, cause?: unknown): ConnectorError {
  return new ConnectorError('rejected', 'sandbox_data_invalid', `${place}: ${message}`, { cause })
}
