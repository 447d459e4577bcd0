import { badQuery } from '../error.ts'
import { quoted, type Stored } from '../organization/database.ts'
import type { Table } from '../organization/schema.ts'
import type { QueryContext, Sql } from './context.ts'
import type { ColumnRef } from './tree.ts'

/** The business unit of the user who asks. */
export function businessUnit({ userId }: QueryContext): Sql {
  return { sql: '(select businessunitid from systemuser where systemuserid = ?)', values: [userId] }
}

/** Ids of the user who asks, of the users below in the hierarchy of managers, and of the teams of all of these. */
export function userAnd(also: { hierarchy?: boolean; teams?: boolean; self?: false }, context: QueryContext): Sql {
  const users = also.hierarchy
    ? descent(context.schema.tables.get('systemuser')!, 'parentsystemuserid', context.userId)
    : { sql: 'select ?', values: [context.userId] }
  const teams = { sql: `select teamid from teammembership where systemuserid in (${users.sql})`, values: users.values }
  const parts = [...(also.self === false ? [] : [users]), ...(also.teams ? [teams] : [])]
  return {
    sql: parts.map(({ sql }) => `select * from (${sql})`).join(' union '),
    values: parts.flatMap(({ values }) => values),
  }
}

/** Ids of the rows below or above a row, the row itself included. */
export function hierarchy(column: ColumnRef, direction: 'below' | 'above', id: Stored, { schema }: QueryContext): Sql {
  const table = column.column.isLookup ? schema.tables.get(column.column.lookups[0]?.target ?? '') : column.table
  const parent = table && parentColumn(table)
  if (!table || !parent || (column.column.name !== column.table.primaryId && !column.column.isLookup))
    throw badQuery(`The column '${column.column.name}' of '${column.table.logicalName}' is in no hierarchy.`)
  return direction === 'below' ? descent(table, parent, id) : ascent(table, parent, id)
}

/** Where several lookups point at the table itself, the one that is named after the parent is the hierarchy. */
function parentColumn({ logicalName, lookups }: Table): string | undefined {
  const own = lookups.filter(({ target }) => target === logicalName).map(({ column }) => column)
  return own.find((name) => name.includes('parent')) ?? own[0]
}

function descent({ logicalName, primaryId }: Table, parent: string, id: Stored): Sql {
  return recursive(id, `select r.${quoted(primaryId)} from ${quoted(logicalName)} r join tree on r.${quoted(parent)} = tree.id`)
}

function ascent({ logicalName, primaryId }: Table, parent: string, id: Stored): Sql {
  return recursive(
    id,
    `select r.${quoted(parent)} from ${quoted(logicalName)} r join tree on r.${quoted(primaryId)} = tree.id where r.${quoted(parent)} is not null`,
  )
}

function recursive(id: Stored, step: string): Sql {
  return { sql: `with recursive tree(id) as (select ? union ${step}) select id from tree`, values: [id] }
}
