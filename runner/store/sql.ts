import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Cipher } from './cipher.ts'
import type { Tables } from './schema.ts'

export interface WriteResult {
  /** Rows of a `returning` clause or a select. */
  rows: Record<string, unknown>[]
  /** Rows changed. */
  changes: number
}

/** What the row modules need of a database: queries are built with `db`, and run here. */
export interface Sql {
  /** Builds and compiles; has no connection of its own. */
  db: Kysely<Tables>
  cipher: Cipher
  now(): number
  read<Row>(query: Compilable<Row>): Promise<Row[]>
  /**
   * One durable transaction of several queries; waits for nothing in between.
   * @param check looks at the results before the commit; what it throws undoes exactly these queries
   */
  write(queries: (Compilable | CompiledQuery)[], check?: (results: WriteResult[]) => void): Promise<WriteResult[]>
}
