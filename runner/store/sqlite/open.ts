import { mkdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
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
import { type Lock, type Store, StoreError } from '../store.ts'
import { isBusy, isOfSqlite, retryBusy } from './busy.ts'
import { Committer } from './committer.ts'
import { openDataKey } from './data-key.ts'
import { fileLocks, type Locks } from './locks.ts'
import { migrate } from './migrate.ts'
import { keepPrivate } from './private.ts'
import { cachedStatements } from './statements.ts'

export interface StoreOptions {
  /** Path of the database; its folder is made. */
  file: string
  /** 32 bytes, or what yields the key in use and those of before it. */
  key: Buffer | (() => Promise<readonly Buffer[]>)
  /** Default: the system's clock. */
  clock?: () => Date
  /** What errors go through before they are kept, since commands show them that know no secrets. Default: nothing. */
  mask?: (text: string) => string
  /** Inverse of `JSON.stringify`; default `JSON.parse`. */
  parse?: (text: string) => unknown
}

/** @see openStore in `store/index.ts` */
export async function openSqliteStore({ file, key, clock = () => new Date(), mask, parse = JSON.parse }: StoreOptions): Promise<Store> {
  const { database, locks } = openFiles(file)
  try {
    const dataKey = await settingUp(database, locks, typeof key === 'function' ? key : async () => [key], file)
    return assemble(database, file, locks, aesCipher(dataKey, parse, mask && errorsThrough(mask)), () => clock().getTime())
  } catch (error) {
    locks.close()
    database.close()
    throw asStoreError(error, file)
  }
}

/** Places are `table.column:row`. */
function errorsThrough(mask: (text: string) => string): (text: string, place: string) => string {
  return (text, place) => (/^\w+\.error:/.test(place) ? mask(text) : text)
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

function assemble(database: DatabaseSync, file: string, locks: Locks, cipher: Cipher, now: () => number): Store {
  const statements = cachedStatements(database)
  const fail = (error: unknown) => {
    throw isOfSqlite(error) ? asStoreError(error, file) : error
  }
  const committer = new Committer(database, statements)
  const compiled = (query: Compilable | CompiledQuery): CompiledQuery => ('compile' in query ? query.compile() : query)
  const sql: Sql = {
    db: compiler,
    cipher,
    now,
    read: <Row>(query: Compilable<Row>) => retryBusy(() => statements.all(query.compile()) as Row[]).catch(fail),
    write: (queries, check) => committer.commit(queries.map(compiled), check).catch(fail),
  }
  const owner = locks.showLifeSign()
  const jobs = jobRows(sql, owner)
  let closing: Promise<void> | undefined
  return {
    tokens: tokenRows(sql, locks, owner),
    lock: (name) => takePatiently(() => locks.take(name)),
    ...recipeRows(sql),
    ...runRows(sql),
    ...cursorRows(sql),
    ...snapshotRows(sql),
    ...acceptRows(sql),
    ...jobs,
    ...claimRows(sql, locks, owner),
    job: async (id) => (await jobs.jobs({ ids: [id], limit: 1 }))[0],
    close() {
      closing ??= committer.drained().then(() => {
        database.close()
        locks.close()
      })
      return closing
    },
  }
}

function openFiles(file: string): { database: DatabaseSync; locks: Locks } {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    keepPrivate(file)
    const database = new DatabaseSync(file, { timeout: 0 })
    const real = realpathSync(file)
    return { database, locks: fileLocks(join(dirname(real), 'locks'), basename(real)) }
  } catch (error) {
    throw asStoreError(error, file)
  }
}

/** Pragmas, migrations and the data key, under a lock: two processes may meet a new store at the same moment. */
async function settingUp(database: DatabaseSync, locks: Locks, keys: () => Promise<readonly Buffer[]>, file: string): Promise<Buffer> {
  const lock = await waitFor(() => locks.take('set-up'))
  try {
    // Before the first table, or it has no effect.
    await retryBusy(() => database.exec('pragma auto_vacuum = incremental; pragma journal_mode = wal; pragma synchronous = full'))
    await migrate(database, file)
    const known = await keys()
    return await retryBusy(() => openDataKey(database, known, file))
  } finally {
    await lock.release()
  }
}

/** Two processes that ask at the same moment can each keep the other from getting the lock, so one refusal does not prove that it is held. */
async function takePatiently(take: () => Lock | undefined): Promise<Lock | undefined> {
  for (let left = 3; ; left--) {
    const lock = take()
    if (lock || left === 0) return lock
    await delay(1 + Math.random() * 4)
  }
}

async function waitFor<T>(attempt: () => T | undefined): Promise<T> {
  for (;;) {
    const got = attempt()
    if (got !== undefined) return got
    await delay(2 + Math.random() * 8)
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damaged = new Set([11, 26])

function asStoreError(error: unknown, file: string): StoreError {
  if (error instanceof StoreError) return error
  const code = (error as { errcode?: number }).errcode
  if (code !== undefined && damaged.has(code & 0xff)) {
    return new StoreError(
      'store_damaged',
      `The store ${file} is damaged or is no store. Restore it from a backup, or move it away to begin anew.`,
      error,
    )
  }
  const why = isBusy(error) ? 'another program holds it' : (error as Error).message
  return new StoreError(
    'store_unusable',
    `The store ${file} cannot be used: ${why}. Name another place with RUNNER_STORE, or make it writable.`,
    error,
  )
}
