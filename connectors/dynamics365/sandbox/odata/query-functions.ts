import { badQuery, notSupported } from '../error.ts'
import type { Stored } from '../organization/database.ts'
import { storedMoment } from '../organization/values.ts'
import type { Context, Sql } from './condition.ts'
import type { Operand } from './filter.ts'
import { type Literal, toComparable } from './literal.ts'
import type { ColumnRef, Source } from './source.ts'

type Parameters = ReadonlyMap<string, Operand>
/** From the first moment up to, and without, the second; an open end is null. */
type Range = [from: Date | null, to: Date | null]
type Unit = 'Hours' | 'Days' | 'Weeks' | 'Months' | 'Years' | 'Minutes'

/**
 * A Dataverse query function as SQL (facts sheet "Dataverse query functions"). Days begin in UTC, since the sandbox's user has no time zone.
 * @throws WebApiError 501 for a function that the sandbox does not know
 */
export function callCondition(
  source: Pick<Source, 'column'>,
  { name, parameters }: { name: string; parameters: Parameters },
  context: Context,
): Sql {
  const column = source.column(text(parameters, 'PropertyName').split('/'))
  const compared = (literal: Literal) => toComparable(column.table, column.column, literal)
  switch (name) {
    case 'In':
    case 'NotIn': {
      const values = list(parameters).map((literal) => compared(fitting(column, literal)))
      return { sql: `${column.sql} ${name === 'In' ? 'in' : 'not in'} (${values.map(() => '?').join(', ')})`, values }
    }
    case 'Between':
    case 'NotBetween': {
      const values = list(parameters).map((literal) => compared(fitting(column, literal)))
      if (values.length !== 2) throw badQuery(`${name} takes two values.`)
      return { sql: `${column.sql} ${name === 'Between' ? 'between' : 'not between'} ? and ?`, values }
    }
    case 'EqualUserId':
      return { sql: `${column.sql} is ?`, values: [context.userId] }
    case 'NotEqualUserId':
      return { sql: `${column.sql} is not ?`, values: [context.userId] }
    default:
      return within(column, range(name, parameters, context.now))
  }
}

function within(column: ColumnRef, [from, to]: Range): Sql {
  if (column.column.type !== 'DateTime') throw badQuery(`The column '${column.column.name}' is no date.`)
  const stored = (date: Date): Stored => (column.column.dateOnly ? date.toISOString().slice(0, 10) : storedMoment(date))
  const parts = [from && `${column.sql} >= ?`, to && `${column.sql} < ?`].filter((part) => part !== null)
  return { sql: `(${parts.join(' and ')})`, values: [from, to].filter((date) => date !== null).map(stored) }
}

function range(name: string, parameters: Parameters, now: Date): Range {
  const today = midnight(now)
  const fixed: Record<string, () => Range> = {
    Today: () => [today, add(today, 1, 'Days')],
    Yesterday: () => [add(today, -1, 'Days'), today],
    Tomorrow: () => [add(today, 1, 'Days'), add(today, 2, 'Days')],
    Last7Days: () => [add(today, -7, 'Days'), now],
    Next7Days: () => [now, add(today, 8, 'Days')],
    On: () => [day(parameters), add(day(parameters), 1, 'Days')],
    OnOrAfter: () => [day(parameters), null],
    OnOrBefore: () => [null, add(day(parameters), 1, 'Days')],
    ...spans('Week', add(today, -today.getUTCDay(), 'Days'), 'Weeks'),
    ...spans('Month', new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth())), 'Months'),
    ...spans('Year', new Date(Date.UTC(now.getUTCFullYear(), 0)), 'Years'),
  }
  if (fixed[name]) return fixed[name]()
  const counted = /^(LastX|NextX|OlderThanX)(Minutes|Hours|Days|Weeks|Months|Years)$/.exec(name)
  if (!counted) throw notSupported(`the query function ${name}`)
  const [unit, count] = [counted[2] as Unit, number(parameters)]
  const start = unit === 'Hours' || unit === 'Minutes' ? now : today
  if (counted[1] === 'LastX') return [add(start, -count, unit), now]
  if (counted[1] === 'NextX') return [now, unit === 'Hours' ? add(now, count, unit) : add(today, unit === 'Days' ? count + 1 : count, unit)]
  return [null, add(start, -count, unit)]
}

function spans(word: string, start: Date, unit: Unit): Record<string, () => Range> {
  return {
    [`Last${word}`]: () => [add(start, -1, unit), start],
    [`This${word}`]: () => [start, add(start, 1, unit)],
    [`Next${word}`]: () => [add(start, 1, unit), add(start, 2, unit)],
  }
}

function midnight(date: Date): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()))
}

const milliseconds = { Minutes: 60_000, Hours: 3_600_000, Days: 86_400_000, Weeks: 7 * 86_400_000 }

function add(date: Date, count: number, unit: Unit): Date {
  if (unit !== 'Months' && unit !== 'Years') return new Date(date.getTime() + count * milliseconds[unit])
  const moved = new Date(date)
  moved.setUTCMonth(moved.getUTCMonth() + count * (unit === 'Years' ? 12 : 1))
  return moved
}

function literal(parameters: Parameters, name: string): Literal {
  const operand = parameters.get(name)
  if (operand?.kind !== 'value') throw badQuery(`The parameter '${name}' is missing.`)
  return operand.literal
}

function text(parameters: Parameters, name: string): string {
  const found = literal(parameters, name)
  if (found.type !== 'string') throw badQuery(`The parameter '${name}' must be a text in quotes.`)
  return found.value
}

function number(parameters: Parameters): number {
  const found = literal(parameters, 'PropertyValue')
  const value = found.type === 'number' || found.type === 'string' ? Number(found.value) : Number.NaN
  if (!Number.isInteger(value) || value < 1) throw badQuery("The parameter 'PropertyValue' must be a whole number above 0.")
  return value
}

function day(parameters: Parameters): Date {
  const found = literal(parameters, 'PropertyValue')
  const date = found.type === 'null' || found.type === 'boolean' ? new Date(Number.NaN) : new Date(found.value)
  if (Number.isNaN(date.getTime())) throw badQuery("The parameter 'PropertyValue' must be a date.")
  return midnight(date)
}

function list(parameters: Parameters): Literal[] {
  const operand = parameters.get('PropertyValues')
  if (operand?.kind !== 'list') throw badQuery("The parameter 'PropertyValues' must be a list of texts.")
  return operand.literals
}

/** Lists hold texts whatever the column is: the text of a number is a number where the column holds numbers. */
function fitting({ column }: ColumnRef, found: Literal): Literal {
  if (found.type !== 'string') return found
  const { value } = found
  if (column.type === 'DateTime') return { type: column.dateOnly || value.length === 10 ? 'date' : 'moment', value }
  if (column.type === 'Boolean') return { type: 'boolean', value: value === 'true' || value === '1' }
  return /^-?\d+(\.\d+)?$/.test(value) && !['String', 'Memo', 'EntityName'].includes(column.type) ? { type: 'number', value } : found
}
