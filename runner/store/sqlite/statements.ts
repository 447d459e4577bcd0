import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CompiledQuery } from 'kysely'
import type { WriteResult } from '../sql.ts'

/** Multi-row inserts of many lengths must not fill the cache for ever. */
const mostStatements = 500

type Parameter = string | number | bigint | null | Uint8Array

/** Runs compiled queries, each statement prepared once per text. */
export interface Statements {
  all(query: CompiledQuery): Record<string, unknown>[]
  run(query: CompiledQuery): WriteResult
}

export function cachedStatements(database: DatabaseSync): Statements {
  const cache = new Map<string, { statement: StatementSync; reads: boolean }>()
  const prepare = (text: string) => {
    let entry = cache.get(text)
    if (!entry) {
      const statement = database.prepare(text)
      entry = { statement, reads: statement.columns().length > 0 }
      if (cache.size >= mostStatements) cache.delete(cache.keys().next().value as string)
      cache.set(text, entry)
    }
    return entry
  }
  const all = ({ sql, parameters }: CompiledQuery) =>
    prepare(sql).statement.all(...(parameters as Parameter[])) as Record<string, unknown>[]
  return {
    all,
    run(query) {
      const { statement, reads } = prepare(query.sql)
      if (reads) {
        const rows = all(query)
        return { rows, changes: rows.length }
      }
      return { rows: [], changes: Number(statement.run(...(query.parameters as Parameter[])).changes) }
    },
  }
}
