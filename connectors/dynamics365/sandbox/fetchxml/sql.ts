import { notSupported } from '../error.ts'
import { type Context, compareTo, type Sql } from '../odata/condition.ts'
import type { Operand } from '../odata/filter.ts'
import { toComparable } from '../odata/literal.ts'
import { callCondition } from '../odata/query-functions.ts'
import type { ColumnRef as SqlColumn } from '../odata/source.ts'
import { quoted, type Stored } from '../organization/database.ts'
import type { Table } from '../organization/schema.ts'
import type { ColumnRef, Condition, Link, Rows } from '../query/tree.ts'

const comparisons = { eq: 'is', ne: 'is not', gt: '>', ge: '>=', lt: '<', le: '<=' } as const

type Test = Extract<Condition, { kind: 'test' }>

/** What stands behind `from`, conditions included, its values to be bound in order. */
export function rowsSql(rows: Rows, context: Context, more: readonly Sql[] = []): Sql {
  const joins = rows.joins.map(({ kind, table, alias, link, condition }): Sql => {
    const part = condition && conditionSql(condition, context)
    const sql = `${kind === 'left' ? 'left ' : ''}join ${tableSql(table, context)} ${alias} on ${linkSql(link)}${part ? ` and ${part.sql}` : ''}`
    return { sql, values: part?.values ?? [] }
  })
  const conditions = [...(rows.condition ? [conditionSql(rows.condition, context)] : []), ...more]
  const where = conditions.length === 0 ? '' : ` where ${conditions.map(({ sql }) => sql).join(' and ')}`
  return {
    sql: `${[`${tableSql(rows.table, context)} ${rows.alias}`, ...joins.map(({ sql }) => sql)].join(' ')}${where}`,
    values: [...joins, ...conditions].flatMap(({ values }) => values),
  }
}

function tableSql(table: Table, { rowsOf }: Context): string {
  return rowsOf?.(table) ?? quoted(table.logicalName)
}

export function columnSql({ alias, column }: ColumnRef): string {
  return `${alias}.${quoted(column.name)}`
}

function linkSql(link: Link): string {
  if (link.kind !== 'columns') throw notSupported('links through collections in FetchXML')
  return `${columnSql(link.inner)} = ${columnSql(link.outer)}`
}

function conditionSql(condition: Condition, context: Context): Sql {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => conditionSql(part, context))
      return { sql: `(${parts.map(({ sql }) => sql).join(` ${condition.kind} `)})`, values: parts.flatMap(({ values }) => values) }
    }
    case 'not': {
      const { sql, values } = conditionSql(condition.part, context)
      return { sql: `not (${sql})`, values }
    }
    case 'columns':
      return { sql: `${columnSql(condition.left)} ${comparisons[condition.operator]} ${columnSql(condition.right)}`, values: [] }
    case 'exists': {
      const { rows, negated } = condition
      const { sql, values } = rowsSql(rows, context, [{ sql: linkSql(rows.link), values: [] }])
      return { sql: `${negated ? 'not ' : ''}exists (select 1 from ${sql})`, values }
    }
    case 'test':
      return testSql(condition, context)
  }
}

function testSql({ operator: name, column: ref, values: literals }: Test, context: Context): Sql {
  const operator: string = name
  const column: SqlColumn = { ...ref, sql: columnSql(ref) }
  if (operator === 'null' || operator === 'not-null')
    return { sql: `${column.sql} is ${operator === 'null' ? '' : 'not '}null`, values: [] }
  if (Object.hasOwn(comparisons, operator)) {
    const value: Stored = toComparable(ref.table, ref.column, literals[0]!)
    return compareTo(column, comparisons[operator as keyof typeof comparisons], value)
  }
  return patternSql(operator, column, literals) ?? functionSql(operator, column, literals, context)
}

/** `%`, `_` and sets are wildcards inside the text as well. */
function patternSql(operator: string, { sql }: SqlColumn, [literal]: Test['values']): Sql | undefined {
  const [, not, kind] = /^(not-)?(like|begins?-with|ends?-with)$/.exec(operator) ?? []
  if (kind === undefined || literal?.type !== 'string') return undefined
  const pattern = `${kind.startsWith('end') ? '%' : ''}${literal.value}${kind.startsWith('begin') ? '%' : ''}`
  return { sql: `${not ? 'not ' : ''}matches(${sql}, ?)`, values: [pattern] }
}

/** The other operators are the Dataverse query functions under other names. */
function functionSql(operator: string, column: SqlColumn, literals: Test['values'], context: Context): Sql {
  const list = ['in', 'not-in', 'between', 'not-between', 'contain-values', 'not-contain-values'].includes(operator)
  const parameters = new Map<string, Operand>([['PropertyName', { kind: 'value', literal: { type: 'string', value: column.column.name } }]])
  const [value] = literals
  if (list) parameters.set('PropertyValues', { kind: 'list', literals: [...literals] })
  else if (value) parameters.set('PropertyValue', { kind: 'value', literal: value })
  return callCondition({ column: () => column }, { name: functionName(operator), parameters }, context)
}

function functionName(operator: string): string {
  if (operator.endsWith('-seven-days')) return operator.startsWith('last') ? 'Last7Days' : 'Next7Days'
  if (operator === 'eq-userid') return 'EqualUserId'
  if (operator === 'ne-userid') return 'NotEqualUserId'
  return operator.replace('olderthan', 'older-than').replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
