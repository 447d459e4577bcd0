import { quoted, type Stored } from '../organization/database.ts'
import { isMember } from '../organization/members.ts'
import { typeColumn } from '../organization/tables.ts'
import type { QueryContext, Sql } from './context.ts'
import { testSql } from './operators.ts'
import { columnSql } from './tests.ts'
import type { ColumnRef, Condition, Join, Link, Rows } from './tree.ts'
import { familyOf } from './values.ts'

export interface RowsSql {
  /** What stands behind `from`; the first table has the alias of the rows. */
  from: string
  /** A condition, `1` where there is none. */
  where: string
  /** To be bound in order, those of `from` first. */
  values: Stored[]
}

/**
 * Rows as SQL: `select … from ${from} where ${where}`. Terms of `order by` are made by sort-key.ts.
 * @throws WebApiError 0x80060888 for an operator that does not go with its column or values
 */
export function toSql({ table, alias, joins, condition }: Rows, context: QueryContext): RowsSql {
  const joined = joins.map((join) => joinSql(join, context))
  const where = condition && conditionSql(condition, context)
  return {
    from: [`${context.readable(table)} ${alias}`, ...joined.map(({ sql }) => sql)].join(' '),
    where: where?.sql ?? '1',
    values: [...joined.flatMap(({ values }) => values), ...(where?.values ?? [])],
  }
}

function joinSql({ table, alias, kind, link, condition }: Join, context: QueryContext): Sql {
  const own = condition && conditionSql(condition, context)
  const on = [linkSql(link, alias, table), ...(own ? [own.sql] : [])].join(' and ')
  const [name, key] = [context.readable(table), `${alias}.${quoted(table.primaryId)}`]
  const first = `join ${name} ${alias} on ${key} = (select ${key} from ${name} ${alias} where ${on} order by ${key} limit 1)`
  return { sql: kind === 'first' ? first : `${kind} join ${name} ${alias} on ${on}`, values: own?.values ?? [] }
}

function linkSql(link: Link, alias: string, table: Rows['table']): string {
  if (link.kind === 'collection') {
    const owner = `${link.owner.alias}.${quoted(link.owner.table.primaryId)}`
    return isMember(link.collection, alias, table, owner, link.owner.table)
  }
  const { inner, outer } = link
  return [`${columnSql(inner)} = ${columnSql(outer)}`, ...typeTest(inner, outer), ...typeTest(outer, inner)].join(' and ')
}

/** Where a lookup may point at several tables, its ids are of one of them. */
function typeTest(lookup: ColumnRef, { table, column }: ColumnRef): string[] {
  if (!lookup.column.polymorphic || column.name !== table.primaryId) return []
  return [`${lookup.alias}.${quoted(typeColumn(lookup.column))} = '${table.logicalName}'`]
}

/** Negation and conjunction leave unknown what is unknown, as SQL itself does. */
export function conditionSql(condition: Condition, context: QueryContext): Sql {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => conditionSql(part, context))
      if (parts.length === 0) return { sql: condition.kind === 'and' ? '1' : '0', values: [] }
      return { sql: `(${parts.map(({ sql }) => sql).join(` ${condition.kind} `)})`, values: parts.flatMap(({ values }) => values) }
    }
    case 'not': {
      const { sql, values } = conditionSql(condition.part, context)
      return { sql: condition.orUnknown ? `((${sql}) is not true)` : `(not (${sql}))`, values }
    }
    case 'test':
      return testSql(condition.operator, condition.column, condition.values, context)
    case 'columns':
      return columnsSql(condition)
    case 'exists': {
      const { rows, negated } = condition
      const { from, where, values } = toSql(rows, context)
      const sql = `${negated ? 'not ' : ''}exists (select 1 from ${from} where ${linkSql(rows.link, rows.alias, rows.table)} and ${where})`
      return { sql, values }
    }
    case 'constant':
      return { sql: condition.value === null ? 'null' : condition.value ? '1' : '0', values: [] }
  }
}

const comparisons = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' } as const

function columnsSql({ operator, left, right }: Extract<Condition, { kind: 'columns' }>): Sql {
  const text = familyOf(left.column) === 'text'
  const [one, other] = [left, right].map((ref) => (text ? `fold(${columnSql(ref)})` : columnSql(ref)))
  return { sql: `${one} ${comparisons[operator]} ${other}`, values: [] }
}
