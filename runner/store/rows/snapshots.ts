import type { CompiledQuery } from 'kysely'
import type { Sql } from '../sql.ts'
import type { RecipeRef, SnapshotValue } from '../store.ts'

/** A statement takes at most so many ids. */
const idsAtOnce = 500

const place = (ref: RecipeRef, id: string) => `snapshots.row_values:${ref.environment}:${ref.id}:${id}`

/** The query that changes or forgets one row of the snapshot; part of accepting a page. */
export function putSnapshot({ db, cipher }: Sql, ref: RecipeRef, { id, row }: { id: string; row: SnapshotValue | null }): CompiledQuery {
  const key = { recipe: ref.id, environment: ref.environment, row_id: id }
  if (row === null) {
    return db.deleteFrom('snapshots').where('recipe', '=', key.recipe).where('environment', '=', key.environment).where('row_id', '=', id).compile()
  }
  const set = { version: row.version, row_values: cipher.seal(row.values, place(ref, id)) }
  return db
    .insertInto('snapshots')
    .values({ ...key, ...set })
    .onConflict((c) => c.columns(['recipe', 'environment', 'row_id']).doUpdateSet(set))
    .compile()
}

export function snapshotRows({ db, cipher, read }: Sql) {
  const of = (ref: RecipeRef) => db.selectFrom('snapshots').where('recipe', '=', ref.id).where('environment', '=', ref.environment)
  return {
    async snapshotRows(ref: RecipeRef, ids: readonly string[]): Promise<Map<string, SnapshotValue>> {
      const found = new Map<string, SnapshotValue>()
      for (let at = 0; at < ids.length; at += idsAtOnce) {
        const rows = await read(of(ref).selectAll().where('row_id', 'in', ids.slice(at, at + idsAtOnce)))
        for (const row of rows) found.set(row.row_id, { version: row.version, values: cipher.open(row.row_values, place(ref, row.row_id)) })
      }
      return found
    },

    async snapshotIds(ref: RecipeRef, after: string, limit: number): Promise<string[]> {
      const rows = await read(of(ref).select('row_id').where('row_id', '>', after).orderBy('row_id').limit(limit))
      return rows.map((row) => row.row_id)
    },
  }
}
