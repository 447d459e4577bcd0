import type { Stored } from '../organization/database.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Schema, Table } from '../organization/schema.ts'
import { readable } from '../privileges/check.ts'

/** Whose question it is, and when and where it is asked: some operators depend on it. */
export interface QueryContext {
  schema: Schema
  now: Date
  /** `systemuserid` */
  userId: string
  /** Month in which the fiscal year begins, from 1. Its periods are quarters. */
  fiscalMonth: number
  /** Language of the user, as a locale id. */
  language: number
  /** What stands for a table in SQL: those of its rows that the user may read. @throws WebApiError 403 without any right to read */
  readable(table: Table): string
}

/** SQL with its values, to be bound in order. */
export interface Sql {
  sql: string
  values: Stored[]
}

export function queryContext(organization: Organization, caller: Caller): QueryContext {
  const { schema, clock, switches } = organization
  return {
    schema,
    now: clock(),
    userId: caller.userId,
    fiscalMonth: switches.fiscal_year_month,
    language: 1033,
    readable: (table) => readable(organization, caller, table),
  }
}
