import { storedMoment } from '../organization/values.ts'
import type { QueryContext } from './context.ts'

/** From the first moment up to, and without, the second; an open end is null. */
export type Span = [from: Date | null, to: Date | null]
export type Unit = 'minutes' | 'hours' | 'days' | 'weeks' | 'months' | 'years' | 'fiscal-periods' | 'fiscal-years'

const milliseconds = { minutes: 60_000, hours: 3_600_000, days: 86_400_000, weeks: 7 * 86_400_000 }
const months = { months: 1, years: 12, 'fiscal-periods': 3, 'fiscal-years': 12 }
const [earliest, latest] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59Z')]

/** Days, and so everything longer, begin in UTC, since the sandbox's user has no time zone. Weeks begin on Sunday. */
export function startOf(unit: Unit, date: Date, { fiscalMonth }: Pick<QueryContext, 'fiscalMonth'>): Date {
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()]
  const fiscal = (month - (fiscalMonth - 1) + 12) % 12
  switch (unit) {
    case 'minutes':
    case 'hours':
      return date
    case 'days':
      return utc(year, month, day)
    case 'weeks':
      return utc(year, month, day - date.getUTCDay())
    case 'months':
      return utc(year, month, 1)
    case 'years':
      return utc(year, 0, 1)
    case 'fiscal-periods':
      return utc(year, month - (fiscal % 3), 1)
    case 'fiscal-years':
      return utc(year, month - fiscal, 1)
  }
}

/** A month's last day stays its last day: one month after January 31 is the end of February. The result stays in the years 1 to 9999. */
export function add(date: Date, count: number, unit: Unit): Date {
  if (unit === 'minutes' || unit === 'hours' || unit === 'days' || unit === 'weeks')
    return within(date.getTime() + count * milliseconds[unit])
  const month = date.getUTCMonth() + count * months[unit]
  const lastDay = utc(date.getUTCFullYear(), month + 1, 0).getUTCDate()
  const moved = utc(date.getUTCFullYear(), month, Math.min(date.getUTCDate(), lastDay))
  return within(moved.getTime() + (date.getTime() % milliseconds.days))
}

/** `offset` 0 is the unit that the present moment is in, -1 the one before. */
export function calendarSpan(unit: Unit, offset: number, context: QueryContext): Span {
  const start = startOf(unit, context.now, context)
  return [add(start, offset, unit), add(start, offset + 1, unit)]
}

/** From the beginning of the day that many units ago up to now; hours are exact, and fiscal units are whole ones before the present. */
export function lastSpan(unit: Unit, count: number, context: QueryContext): Span {
  if (isFiscal(unit)) return [add(startOf(unit, context.now, context), -count, unit), startOf(unit, context.now, context)]
  return [add(dayUnlessShort(unit, context), -count, unit), context.now]
}

/** From now up to the end of the day that many units ahead. */
export function nextSpan(unit: Unit, count: number, context: QueryContext): Span {
  if (isFiscal(unit)) {
    const start = add(startOf(unit, context.now, context), 1, unit)
    return [start, add(start, count, unit)]
  }
  const end = add(dayUnlessShort(unit, context), count, unit)
  return [context.now, isShort(unit) ? end : add(end, 1, 'days')]
}

export function olderSpan(unit: Unit, count: number, context: QueryContext): Span {
  return [null, add(dayUnlessShort(unit, context), -count, unit)]
}

/** A fiscal year has the number of the year it begins in; without a period all of it. */
export function fiscalSpan(year: number, period: number | undefined, { fiscalMonth }: QueryContext): [Date, Date] {
  const start = utc(year, fiscalMonth - 1, 1)
  if (period === undefined) return [start, add(start, 1, 'fiscal-years')]
  return [add(start, period - 1, 'fiscal-periods'), add(start, period, 'fiscal-periods')]
}

/** As moments are stored, or as days are: a moment within a day lies behind that day's beginning, so the next day is the first that reaches it. */
export function storedLimit(date: Date, dateOnly: boolean): string {
  if (!dateOnly) return storedMoment(date)
  const day = utc(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  return (day.getTime() === date.getTime() ? day : add(day, 1, 'days')).toISOString().slice(0, 10)
}

export function isShort(unit: Unit): boolean {
  return unit === 'minutes' || unit === 'hours'
}

function isFiscal(unit: Unit): boolean {
  return unit === 'fiscal-periods' || unit === 'fiscal-years'
}

function dayUnlessShort(unit: Unit, context: QueryContext): Date {
  return startOf(isShort(unit) ? unit : 'days', context.now, context)
}

/** `Date.UTC` takes the years 0 to 99 for those of the last century. */
function utc(year: number, month: number, day: number): Date {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return within(date.getTime())
}

function within(time: number): Date {
  return new Date(Number.isNaN(time) ? latest : Math.min(Math.max(time, earliest), latest))
}
