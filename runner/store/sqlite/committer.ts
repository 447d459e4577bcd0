import type { DatabaseSync } from 'node:sqlite'
import type { CompiledQuery } from 'kysely'
import type { WriteResult } from '../sql.ts'
import { isBusy } from './busy.ts'
import type { Statements } from './statements.ts'

/** A group is bounded, so that one commit never blocks the event loop for long. */
const mostQueries = 4_000
const busyMs = 4

interface Unit {
  queries: CompiledQuery[]
  check: ((results: WriteResult[]) => void) | undefined
  resolve(results: WriteResult[]): void
  reject(error: unknown): void
}

/**
 * The one writer of a process. Everything that waits goes into one `begin immediate` transaction, so that many small writes share one sync to disk;
 * each unit stands in a savepoint of its own, so that one that fails takes nobody with it.
 *
 * Another process that writes at the moment is waited for by timer: SQLite's own busy wait would stop the event loop.
 */
export class Committer {
  readonly #database: DatabaseSync
  readonly #statements: Statements
  readonly #queue: Unit[] = []
  #scheduled = false
  #idle: (() => void)[] = []

  constructor(database: DatabaseSync, statements: Statements) {
    this.#database = database
    this.#statements = statements
  }

  commit(queries: CompiledQuery[], check?: (results: WriteResult[]) => void): Promise<WriteResult[]> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ queries, check, resolve, reject })
      this.#schedule()
    })
  }

  /** Resolves when everything that was given has been committed. */
  drained(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    const group = this.#take()
    try {
      this.#database.exec('begin immediate')
    } catch (error) {
      this.#queue.unshift(...group)
      if (isBusy(error)) setTimeout(() => this.#flush(), 1 + Math.random() * busyMs)
      else this.#failAll(error)
      return
    }
    try {
      const settle = group.map((unit) => this.#attempt(unit))
      this.#database.exec('commit')
      for (const done of settle) done()
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      for (const unit of group) unit.reject(error)
    }
    this.#next()
  }

  #take(): Unit[] {
    let queries = 0
    let units = 0
    while (units < this.#queue.length && (units === 0 || queries < mostQueries)) queries += this.#queue[units++]?.queries.length ?? 0
    return this.#queue.splice(0, units)
  }

  /** Runs a unit inside the open transaction; what it hands back is called once the commit is durable. */
  #attempt(unit: Unit): () => void {
    this.#database.exec('savepoint unit')
    try {
      const results = unit.queries.map((query) => this.#statements.run(query))
      unit.check?.(results)
      this.#database.exec('release unit')
      return () => unit.resolve(results)
    } catch (error) {
      // On a full disk and the like SQLite has undone the whole transaction by itself.
      if (!this.#database.isTransaction) throw error
      this.#database.exec('rollback to unit')
      this.#database.exec('release unit')
      return () => unit.reject(error)
    }
  }

  #failAll(error: unknown): void {
    for (const unit of this.#queue.splice(0)) unit.reject(error)
    this.#next()
  }

  #next(): void {
    if (this.#queue.length > 0) {
      setImmediate(() => this.#flush())
      return
    }
    this.#scheduled = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
