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

/** Stands in a query for a value that is bound later. */
class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/**
 * Compiles a query once, to be bound many times: compiling one takes kysely many times as long as SQLite needs to run it.
 * @param build gets a stand-in for each value by name: pass it on as a value, do not look into it
 */
export function prepare<Values extends object, Row>(build: (slots: Values) => Compilable<Row>): (values: Values) => CompiledQuery<Row> {
  const compiled = build(new Proxy({}, { get: (_, name) => new Slot(String(name)) }) as Values).compile()
  return (values) => {
    const byName = values as Record<string, unknown>
    return {
      ...compiled,
      parameters: compiled.parameters.map((parameter) => (parameter instanceof Slot ? byName[parameter.name] : parameter)),
    }
  }
}
