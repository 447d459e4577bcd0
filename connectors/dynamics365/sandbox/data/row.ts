import { ConnectorError } from '../../../../runner/connector/index.ts'

/** Of the error of a file that cannot be loaded. */
export const dataCode = 'sandbox_data_invalid'

/** A row of a file. */
export interface DataRow {
  /** Of a create request. */
  body: Record<string, unknown>
  /** Where it begins, for messages: `accounts.csv:3`. */
  place: string
}

export function unusable(place: string, message: string, cause?: unknown): ConnectorError {
  return new ConnectorError('rejected', dataCode, `${place}: ${message}`, { cause })
}
