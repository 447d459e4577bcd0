import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { defineTotals } from '../aggregate/exact.ts'
import { Latest } from '../latest.ts'
import { fits, fold } from '../query/text.ts'

/** A value as SQLite holds it. */
export type Stored = string | number | bigint | null
export type StoredRow = Record<string, Stored>

const mostStatements = 1_000
/** SQLite's code for a file that is locked; its finer codes are above the lowest byte. */
const busy = 5

/** SQLite with statements cached by their text. Everything is synchronous, so that no two requests mix. */
export class Database {
  readonly #database: DatabaseSync
  readonly #statements = new Latest<string, StatementSync>(mostStatements)

  /** @param file path, or `:memory:` */
  constructor(file: string) {
    this.#database = new DatabaseSync(file)
    try {
      prepare(this.#database)
    } catch (error) {
      this.#database.close()
      const isLocked = ((error as { errcode?: number }).errcode ?? 0) % 256 === busy
      throw isLocked ? new Error('Another program uses it.', { cause: error }) : error
    }
    // SQLite's own case rule is ASCII only.
    this.#database.function('fold', { deterministic: true }, (text) => (typeof text === 'string' ? fold(text) : (text ?? null)))
    this.#database.function('matches', { deterministic: true }, (text, pattern) =>
      typeof text === 'string' ? Number(fits(text, String(pattern))) : null,
    )
    defineTotals(this.#database)
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes)
  }

  get(sql: string, ...values: SQLInputValue[]): StoredRow | undefined {
    return this.#prepare(sql).get(...values) as StoredRow | undefined
  }

  all(sql: string, ...values: SQLInputValue[]): StoredRow[] {
    return this.#prepare(sql).all(...values) as StoredRow[]
  }

  /** All or nothing. Inside another transaction it may fail alone: what it did is taken back, and the other goes on if it catches the error. */
  transaction<T>(work: () => T): T {
    const [begin, end, back] = this.#database.isTransaction
      ? ['savepoint part', 'release part', 'rollback to part; release part']
      : ['begin immediate', 'commit', 'rollback']
    this.run(begin)
    try {
      const result = work()
      this.run(end)
      return result
    } catch (error) {
      // SQLite itself ends the transaction on some errors, such as a full disk.
      if (this.#database.isTransaction) this.#database.exec(back)
      throw error
    }
  }

  /** A transaction that stays open beyond one turn; what is written in it is done with {@link transaction}, as parts. */
  open(): { commit(): void; rollback(): void } {
    this.#database.exec('begin immediate')
    return { commit: () => this.#database.exec('commit'), rollback: () => this.#database.exec('rollback') }
  }

  close(): void {
    this.#database.close()
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (!statement) {
      statement = this.#database.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
}

/**
 * A file of another program stays as it is. One process alone may use a file: what stands beside the rows, such as the latest version, is in its memory.
 * @throws Error when the file is not of a sandbox, or another process uses it
 */
function prepare(database: DatabaseSync): void {
  const { tables, own } = database
    .prepare("select count(*) as tables, sum(name = 'sandbox' and sql like '%(design %') as own from sqlite_master")
    .get()!
  if (tables !== 0 && own === 0) throw new Error('It is a database of another program.')
  database.exec(
    'pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal; pragma wal_autocheckpoint = 10000',
  )
}

export function quoted(name: string): string {
  return `"${name}"`
}
