import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Compilable, type CompiledQuery, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { aesCipher, type Cipher } from '../cipher.ts'
import { acceptRows } from '../rows/accept.ts'
import { claimRows } from '../rows/claims.ts'
import { cursorRows } from '../rows/cursors.ts'
import { jobRows } from '../rows/jobs.ts'
import { recipeRows } from '../rows/recipes.ts'
import { runRows } from '../rows/runs.ts'
import { snapshotRows } from '../rows/snapshots.ts'
import { tokenRows } from '../rows/tokens.ts'
import type { Tables } from '../schema.ts'
import type { Sql } from '../sql.ts'
import { type Store, StoreError } from '../store.ts'
import { Committer, isBusy } from './committer.ts'
import { fileLocks, type Locks } from './locks.ts'
import { migrate } from './migrate.ts'
import { cachedStatements } from './statements.ts'

export interface StoreOptions {
  /** Path of the database; its folder is made. */
  file: string
  /** 32 bytes. */
  key: Buffer
  /** Default: the system's clock. */
  now?: () => number
  /** Inverse of `JSON.stringify`; default `JSON.parse`. */
  parse?: (text: string) => unknown
}

/**
 * Opens the embedded store, making it where there is none.
 * @throws StoreError `store_newer`, `store_key_wrong`, `store_damaged`, `store_unusable`
 */
export async function openStore({ file, key, now = Date.now, parse = JSON.parse }: StoreOptions): Promise<Store> {
  const { database, locks } = openFiles(file)
  const cipher = aesCipher(key, parse)
  try {
    await settingUp(database, locks, cipher, file)
  } catch (error) {
    database.close()
    throw error instanceof StoreError ? error : asStoreError(error, file)
  }
  return assemble(database, locks, cipher, now)
}

/** Builds and compiles queries; they run on our own statements. */
const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
})

function assemble(database: DatabaseSync, locks: Locks, cipher: Cipher, now: () => number): Store {
  const statements = cachedStatements(database)
  const committer = new Committer(database, statements)
  const compiled = (query: Compilable | CompiledQuery): CompiledQuery => ('compile' in query ? query.compile() : query)
  const sql: Sql = {
    db: compiler,
    cipher,
    now,
    read: async <Row>(query: Compilable<Row>) => statements.all(query.compile()) as Row[],
    write: (queries, check) => committer.commit(queries.map(compiled), check),
  }
  const owner = randomUUID()
  const lifeSign = locks.take(`process-${owner}`)
  const jobs = jobRows(sql, owner)
  return {
    tokens: tokenRows(sql),
    lock: async (name) => locks.take(name),
    ...recipeRows(sql),
    ...runRows(sql),
    ...cursorRows(sql),
    ...snapshotRows(sql),
    ...acceptRows(sql),
    ...jobs,
    ...claimRows(sql, (other) => locks.take(`process-${other}`), owner),
    job: async (id) => (await jobs.jobs({ ids: [id], limit: 1 }))[0],
    async close() {
      await committer.drained()
      await lifeSign?.release()
      database.close()
    },
  }
}

function openFiles(file: string): { database: DatabaseSync; locks: Locks } {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const database = new DatabaseSync(file, { timeout: 0 })
    chmodSync(file, 0o600)
    return { database, locks: fileLocks(join(dirname(file), 'locks')) }
  } catch (error) {
    throw asStoreError(error, file)
  }
}

/** Pragmas, migrations and the check of the key, under a lock: two processes may meet a new store at the same moment. */
async function settingUp(database: DatabaseSync, locks: Locks, cipher: Cipher, file: string): Promise<void> {
  const lock = await waitFor(() => locks.take('set-up'))
  try {
    // Before the first table, or it has no effect.
    database.exec('pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full')
    await migrate(database, file)
    checkKey(database, cipher)
  } finally {
    await lock.release()
  }
}

/** A value sealed with the store's first key tells a wrong key from damage, before anything is written with it. */
function checkKey(database: DatabaseSync, cipher: Cipher): void {
  const row = database.prepare("select value from meta where name = 'key_check'").get() as { value: Uint8Array } | undefined
  if (row) cipher.open(row.value, 'meta.key_check')
  else database.prepare("insert into meta (name, value) values ('key_check', ?)").run(cipher.seal('runner', 'meta.key_check'))
}

async function waitFor<T>(attempt: () => T | undefined): Promise<T> {
  for (;;) {
    const got = attempt()
    if (got !== undefined) return got
    await new Promise((resolve) => setTimeout(resolve, 2 + Math.random() * 8))
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damaged = new Set([11, 26])

function asStoreError(error: unknown, file: string): StoreError {
  const code = (error as { errcode?: number }).errcode
  if (code !== undefined && damaged.has(code & 0xff)) {
    return new StoreError('store_damaged', `The store ${file} is damaged or is no store. Restore it from a backup, or move it away to begin anew.`, error)
  }
  const why = isBusy(error) ? 'another program holds it' : (error as Error).message
  return new StoreError('store_unusable', `The store ${file} cannot be used: ${why}. Name another place with RUNNER_STORE, or make it writable.`, error)
}
