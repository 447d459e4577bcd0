import { WebApiError } from '../../error.ts'
import type { Table } from '../schema.ts'
import { wrongType } from './invalid.ts'

const earliest = '1753-01-01'
const form = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** A moment as it is stored: UTC without the `Z`, so that texts sort as moments do, fractions of a second included. */
export function storedMoment(date: Date): string {
  return date.toISOString().replace(/(\.000)?Z$/, '')
}

export function day(table: Table, value: unknown): string {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value) || !isDay(value)) return wrongType(table, value, 'Edm.Date')
  return notTooEarly(value)
}

/** Without an offset a moment is taken as UTC. @param keepFraction otherwise fractions of a second are cut off */
export function moment(table: Table, value: unknown, keepFraction: boolean): string {
  const found = typeof value === 'string' ? form.exec(value) : null
  if (!found || !isDay(found[0].slice(0, 10))) return wrongType(table, value, 'Edm.DateTimeOffset')
  const date = new Date(found[1] && !found[4] ? `${value}Z` : String(value))
  if (Number.isNaN(date.getTime())) return wrongType(table, value, 'Edm.DateTimeOffset')
  if (!keepFraction) date.setUTCMilliseconds(0)
  return notTooEarly(storedMoment(date))
}

/** JavaScript takes the 30th of February for the 2nd of March. */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** The sheet names the minimum and no code for it. */
function notTooEarly(stored: string): string {
  if (stored >= earliest && !stored.startsWith('-') && !stored.startsWith('+')) return stored
  throw new WebApiError(
    400,
    '0x80040239',
    `DateTime is less than minimum value supported by CrmDateTime. Actual value: ${stored}, Minimum value supported: ${earliest}`,
  )
}
