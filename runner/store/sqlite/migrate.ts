import type { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from '../migrations/index.ts'
import { StoreError } from '../store.ts'

/**
 * Brings the schema up to date, in one transaction: after a crash half-way it is as it was. How many migrations a store has seen also stands in `user_version`, so that opening one that is up to date costs one read.
 * @throws StoreError `store_newer`
 */
export async function migrate(database: DatabaseSync, file: string): Promise<void> {
  const known = Object.keys(migrations).length
  const { user_version: seen } = database.prepare('pragma user_version').get() as { user_version: number }
  if (seen === known) return
  if (seen > known) {
    throw new StoreError(
      'store_newer',
      `The store ${file} was written by a newer runner (schema ${seen}, this one knows ${known}). Update the runner, or name another store with RUNNER_STORE.`,
    )
  }
  const migrator = new Migrator({ db: onNodeSqlite(database), provider: { getMigrations: async () => migrations } })
  database.exec('begin immediate')
  try {
    // On SQLite kysely itself opens no transaction around a migration.
    const { error } = await migrator.migrateToLatest()
    if (error) throw error
    database.exec(`pragma user_version = ${known}`)
    database.exec('commit')
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

/** kysely speaks to better-sqlite3; node:sqlite differs in how a statement tells that it reads, and takes parameters one by one. */
function onNodeSqlite(database: DatabaseSync): Kysely<unknown> {
  return new Kysely({
    dialect: new SqliteDialect({
      database: {
        close: () => {},
        prepare(text) {
          const statement = database.prepare(text)
          const spread = (parameters: readonly unknown[]) => parameters as (string | number | bigint | null | Uint8Array)[]
          return {
            reader: statement.columns().length > 0,
            all: (parameters) => statement.all(...spread(parameters)),
            run: (parameters) => statement.run(...spread(parameters)),
            iterate: (parameters) => statement.iterate(...spread(parameters)),
          }
        },
      },
    }),
  })
}
