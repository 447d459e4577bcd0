import { badQuery } from '../error.ts'
import type { Literal } from '../odata/literal.ts'
import type { QueryContext, Sql } from './context.ts'
import { add, calendarSpan, fiscalSpan, isShort, lastSpan, nextSpan, olderSpan, type Span, type Unit } from './dates.ts'
import { businessUnit, hierarchy, userAnd } from './people.ts'
import { among, columnSql, compare, containsChoice, equal, like, not, oneOf, unequal, within } from './tests.ts'
import type { ColumnRef } from './tree.ts'
import { countOf, dayOf, type Family, familyOf, idOf, textOf } from './values.ts'

/** A condition operator. The name in the table is that of FetchXML. */
export interface OperatorSpec {
  /** In `$filter`: a comparison, a text function, or a Dataverse query function. Absent: FetchXML only. */
  odata?: string
  /** How many values it takes. */
  values: 0 | 1 | 2 | 'list'
  /** Columns that it can be asked of. */
  on: readonly Family[]
  /** What the values are: as the column holds them, or of a type of their own. */
  takes: 'column' | 'count' | 'text' | 'day' | 'id' | 'option'
  /** Hours and minutes are nothing to ask of a day. */
  needsTime?: true
  sql(column: ColumnRef, values: readonly Literal[], context: QueryContext): Sql
}

const every: readonly Family[] = ['text', 'number', 'choice', 'choices', 'boolean', 'date', 'id']
const ordered: readonly Family[] = ['text', 'number', 'choice', 'boolean', 'date', 'id']
const nullable: readonly Family[] = [...every, 'file']
const [text, ids, dates]: (readonly Family[])[] = [['text'], ['id'], ['date']] as const

const compared = (odata: string, operator: '>' | '>=' | '<' | '<='): OperatorSpec => ({
  odata,
  ...{ values: 1, on: ordered, takes: 'column' },
  sql: (column, [value]) => compare(column, operator, value!),
})
const matched = (odata: string | undefined, pattern: (value: string) => string, negated = false): OperatorSpec => ({
  ...(odata !== undefined && { odata }),
  ...{ values: 1, on: text!, takes: 'text' },
  sql: (column, [value]) => (negated ? not : same)(like(column, pattern(textOf(value)))),
})
const listed = (odata: string, negated = false): OperatorSpec => ({
  odata,
  ...{ values: 'list', on: every, takes: 'column' },
  sql: (column, values) => (negated ? not : same)(oneOf(column, values)),
})
const between = (odata: string, negated = false): OperatorSpec => ({
  odata,
  ...{ values: 2, on: ordered, takes: 'column' },
  sql(column, [low, high]) {
    const [from, to] = [compare(column, '>=', low!), compare(column, '<=', high!)]
    return (negated ? not : same)({ sql: `(${from.sql} and ${to.sql})`, values: [...from.values, ...to.values] })
  },
})
const chosen = (odata: string, negated = false): OperatorSpec => ({
  odata,
  ...{ values: 'list', on: ['choices'], takes: 'option' },
  sql: (column, values) => (negated ? not : same)(containsChoice(column, values)),
})
const calendar = (odata: string, unit: Unit, offset: number): OperatorSpec => ({
  odata,
  ...{ values: 0, on: dates!, takes: 'column' },
  sql: (column, _, context) => within(column, calendarSpan(unit, offset, context)),
})
const counted = (odata: string, unit: Unit, span: (unit: Unit, count: number, context: QueryContext) => Span): OperatorSpec => ({
  odata,
  ...{ values: 1, on: dates!, takes: 'count' },
  ...(isShort(unit) && { needsTime: true as const }),
  sql: (column, [count], context) => within(column, span(unit, countOf(count), context)),
})
const fixed = (odata: string, count: number, span: (unit: Unit, count: number, context: QueryContext) => Span): OperatorSpec => ({
  odata,
  ...{ values: 0, on: dates!, takes: 'column' },
  sql: (column, _, context) => within(column, span('days', count, context)),
})
const onDay = (odata: string, span: (day: Date) => Span): OperatorSpec => ({
  odata,
  ...{ values: 1, on: dates!, takes: 'day' },
  sql: (column, [day]) => within(column, span(dayOf(day))),
})
const fiscal = (odata: string, span: (range: [Date, Date]) => Span): OperatorSpec => ({
  odata,
  ...{ values: 2, on: dates!, takes: 'count' },
  sql: (column, [period, year], context) => within(column, span(fiscalSpan(yearOf(year), periodOf(period), context))),
})
const related = (odata: string, direction: 'above' | 'below', itself: boolean, negated = false): OperatorSpec => ({
  odata,
  ...{ values: 1, on: ids!, takes: 'id' },
  sql(column, [value], context) {
    const id = idOf(value)
    const found = among(column, hierarchy(column, direction, id, context))
    const without = itself ? found : { sql: `(${found.sql} and ${columnSql(column)} <> ?)`, values: [...found.values, id] }
    return (negated ? not : same)(without)
  },
})
const mine = (odata: string, sql: (column: ColumnRef, context: QueryContext) => Sql): OperatorSpec => ({
  odata,
  ...{ values: 0, on: ids!, takes: 'column' },
  sql: (column, _, context) => sql(column, context),
})

/** All condition operators (facts sheet "`$filter`", "Dataverse query functions" and "`<fetch>` attributes"). */
export const operators = {
  eq: { odata: 'eq', values: 1, on: nullable, takes: 'column', sql: (column, [value]) => equal(column, value!) },
  ne: { odata: 'ne', values: 1, on: nullable, takes: 'column', sql: (column, [value]) => unequal(column, value!) },
  neq: { values: 1, on: nullable, takes: 'column', sql: (column, [value]) => unequal(column, value!) },
  gt: compared('gt', '>'),
  ge: compared('ge', '>='),
  lt: compared('lt', '<'),
  le: compared('le', '<='),
  null: { values: 0, on: nullable, takes: 'column', sql: (column) => ({ sql: `${columnSql(column)} is null`, values: [] }) },
  'not-null': { values: 0, on: nullable, takes: 'column', sql: (column) => ({ sql: `${columnSql(column)} is not null`, values: [] }) },
  like: matched('contains', (value) => value),
  'not-like': matched(undefined, (value) => value, true),
  'begins-with': matched('startswith', (value) => `${value}%`),
  'not-begin-with': matched(undefined, (value) => `${value}%`, true),
  'ends-with': matched('endswith', (value) => `%${value}`),
  'not-end-with': matched(undefined, (value) => `%${value}`, true),
  in: listed('In'),
  'not-in': listed('NotIn', true),
  between: between('Between'),
  'not-between': between('NotBetween', true),
  'contain-values': chosen('ContainValues'),
  'not-contain-values': chosen('DoesNotContainValues', true),
  above: related('Above', 'above', false),
  'eq-or-above': related('AboveOrEqual', 'above', true),
  under: related('Under', 'below', false),
  'eq-or-under': related('UnderOrEqual', 'below', true),
  'not-under': related('NotUnder', 'below', false, true),
  'eq-userid': mine('EqualUserId', (column, { userId }) => ({ sql: `${columnSql(column)} = ?`, values: [userId] })),
  'ne-userid': mine('NotEqualUserId', (column, { userId }) => ({ sql: `${columnSql(column)} is not ?`, values: [userId] })),
  'eq-businessid': mine('EqualBusinessId', (column, context) => among(column, businessUnit(context))),
  'ne-businessid': mine('NotEqualBusinessId', (column, context) => {
    const { sql, values } = businessUnit(context)
    return { sql: `${columnSql(column)} is not ${sql}`, values }
  }),
  'eq-userteams': mine('EqualUserTeams', (column, context) => among(column, userAnd({ teams: true, self: false }, context))),
  'eq-useroruserteams': mine('EqualUserOrUserTeams', (column, context) => among(column, userAnd({ teams: true }, context))),
  'eq-useroruserhierarchy': mine('EqualUserOrUserHierarchy', (column, context) => among(column, userAnd({ hierarchy: true }, context))),
  'eq-useroruserhierarchyandteams': mine('EqualUserOrUserHierarchyAndTeams', (column, context) =>
    among(column, userAnd({ hierarchy: true, teams: true }, context)),
  ),
  'eq-userlanguage': {
    odata: 'EqualUserLanguage',
    ...{ values: 0, on: ['number', 'choice'], takes: 'column' },
    sql: (column, _, { language }) => ({ sql: `${columnSql(column)} = ?`, values: [language] }),
  },
  on: onDay('On', (day) => [day, add(day, 1, 'days')]),
  'on-or-after': onDay('OnOrAfter', (day) => [day, null]),
  'on-or-before': onDay('OnOrBefore', (day) => [null, add(day, 1, 'days')]),
  today: calendar('Today', 'days', 0),
  yesterday: calendar('Yesterday', 'days', -1),
  tomorrow: calendar('Tomorrow', 'days', 1),
  'last-seven-days': fixed('Last7Days', 7, lastSpan),
  'next-seven-days': fixed('Next7Days', 7, nextSpan),
  'last-week': calendar('LastWeek', 'weeks', -1),
  'this-week': calendar('ThisWeek', 'weeks', 0),
  'next-week': calendar('NextWeek', 'weeks', 1),
  'last-month': calendar('LastMonth', 'months', -1),
  'this-month': calendar('ThisMonth', 'months', 0),
  'next-month': calendar('NextMonth', 'months', 1),
  'last-year': calendar('LastYear', 'years', -1),
  'this-year': calendar('ThisYear', 'years', 0),
  'next-year': calendar('NextYear', 'years', 1),
  'last-fiscal-period': calendar('LastFiscalPeriod', 'fiscal-periods', -1),
  'this-fiscal-period': calendar('ThisFiscalPeriod', 'fiscal-periods', 0),
  'next-fiscal-period': calendar('NextFiscalPeriod', 'fiscal-periods', 1),
  'last-fiscal-year': calendar('LastFiscalYear', 'fiscal-years', -1),
  'this-fiscal-year': calendar('ThisFiscalYear', 'fiscal-years', 0),
  'next-fiscal-year': calendar('NextFiscalYear', 'fiscal-years', 1),
  'last-x-hours': counted('LastXHours', 'hours', lastSpan),
  'last-x-days': counted('LastXDays', 'days', lastSpan),
  'last-x-weeks': counted('LastXWeeks', 'weeks', lastSpan),
  'last-x-months': counted('LastXMonths', 'months', lastSpan),
  'last-x-years': counted('LastXYears', 'years', lastSpan),
  'last-x-fiscal-periods': counted('LastXFiscalPeriods', 'fiscal-periods', lastSpan),
  'last-x-fiscal-years': counted('LastXFiscalYears', 'fiscal-years', lastSpan),
  'next-x-hours': counted('NextXHours', 'hours', nextSpan),
  'next-x-days': counted('NextXDays', 'days', nextSpan),
  'next-x-weeks': counted('NextXWeeks', 'weeks', nextSpan),
  'next-x-months': counted('NextXMonths', 'months', nextSpan),
  'next-x-years': counted('NextXYears', 'years', nextSpan),
  'next-x-fiscal-periods': counted('NextXFiscalPeriods', 'fiscal-periods', nextSpan),
  'next-x-fiscal-years': counted('NextXFiscalYears', 'fiscal-years', nextSpan),
  'olderthan-x-minutes': counted('OlderThanXMinutes', 'minutes', olderSpan),
  'olderthan-x-hours': counted('OlderThanXHours', 'hours', olderSpan),
  'olderthan-x-days': counted('OlderThanXDays', 'days', olderSpan),
  'olderthan-x-weeks': counted('OlderThanXWeeks', 'weeks', olderSpan),
  'olderthan-x-months': counted('OlderThanXMonths', 'months', olderSpan),
  'olderthan-x-years': counted('OlderThanXYears', 'years', olderSpan),
  'in-fiscal-period': { odata: 'InFiscalPeriod', values: 1, on: dates!, takes: 'count', sql: inPeriod },
  'in-fiscal-year': {
    odata: 'InFiscalYear',
    ...{ values: 1, on: dates!, takes: 'count' },
    sql: (column, [year], context) => within(column, fiscalSpan(yearOf(year), undefined, context)),
  },
  'in-fiscal-period-and-year': fiscal('InFiscalPeriodAndYear', same),
  'in-or-after-fiscal-period-and-year': fiscal('InOrAfterFiscalPeriodAndYear', ([from]) => [from, null]),
  'in-or-before-fiscal-period-and-year': fiscal('InOrBeforeFiscalPeriodAndYear', ([, to]) => [null, to]),
} as const satisfies Record<string, OperatorSpec>

/** The condition operators of FetchXML; those of `$filter` and the Dataverse query functions are other spellings of them. */
export type Operator = keyof typeof operators

/** By their names in `$filter`. */
export const odataOperators: ReadonlyMap<string, Operator> = new Map(
  Object.entries<OperatorSpec>(operators).flatMap(([name, { odata }]) => (odata === undefined ? [] : [[odata, name as Operator]])),
)

/**
 * A test as SQL.
 * @throws WebApiError 0x80060888 for a column or values that the operator cannot be asked of
 */
export function testSql(operator: Operator, column: ColumnRef, values: readonly Literal[], context: QueryContext): Sql {
  const spec: OperatorSpec = operators[operator]
  const { name, dateOnly } = column.column
  if (!spec.on.includes(familyOf(column.column)) || (spec.needsTime && dateOnly))
    throw badQuery(`The operator '${operator}' is not valid for the column '${name}' of '${column.table.logicalName}'.`)
  if (spec.values !== 'list' && spec.values !== values.length)
    throw badQuery(
      `The operator '${operator}' takes ${spec.values === 1 ? 'one value' : `${spec.values} values`}, and there are ${values.length}.`,
    )
  return spec.sql(column, values, context)
}

/** A period of any year. */
function inPeriod(column: ColumnRef, [period]: readonly Literal[], { fiscalMonth }: QueryContext): Sql {
  const month = `cast(strftime('%m', ${columnSql(column)}) as integer)`
  // Numbers that are bound are no integers, and would not be divided as such.
  return { sql: `(${month} - ${fiscalMonth} + 12) % 12 / 3 + 1 = ?`, values: [periodOf(period)] }
}

function periodOf(literal: Literal | undefined): number {
  const period = countOf(literal)
  if (period > 4) throw badQuery('The fiscal period must be from 1 to 4.')
  return period
}

function yearOf(literal: Literal | undefined): number {
  const year = countOf(literal)
  if (year > 9999) throw badQuery('The fiscal year must be from 1 to 9999.')
  return year
}

function same<T>(value: T): T {
  return value
}
