import type { CompiledQuery } from 'kysely'
import { prepare, type Sql } from '../sql.ts'
import type { RecipeRef, SnapshotValue } from '../store.ts'

/** A statement takes at most so many ids. */
const idsAtOnce = 500

const place = (ref: RecipeRef, id: string) => `snapshots.row_values:${JSON.stringify([ref.environment, ref.id, id])}`

/** The query that changes or forgets one row of the snapshot; part of accepting a page. */
export function snapshotUpsert({ db, cipher }: Sql): (ref: RecipeRef, change: { id: string; row: SnapshotValue | null }) => CompiledQuery {
  const upsert = prepare((row: { recipe: string; environment: string; id: string; version: string; values: Buffer }) =>
    db
      .insertInto('snapshots')
      .values({ recipe: row.recipe, environment: row.environment, row_id: row.id, version: row.version, row_values: row.values })
      .onConflict((c) => c.columns(['recipe', 'environment', 'row_id']).doUpdateSet({ version: row.version, row_values: row.values })),
  )
  const remove = prepare((row: { recipe: string; environment: string; id: string }) =>
    db.deleteFrom('snapshots').where('recipe', '=', row.recipe).where('environment', '=', row.environment).where('row_id', '=', row.id),
  )
  return (ref, { id, row }) => {
    const key = { recipe: ref.id, environment: ref.environment, id }
    return row === null ? remove(key) : upsert({ ...key, version: row.version, values: cipher.seal(row.values, place(ref, id)) })
  }
}

export function snapshotRows({ db, cipher, read }: Sql) {
  const of = (ref: RecipeRef) => db.selectFrom('snapshots').where('recipe', '=', ref.id).where('environment', '=', ref.environment)
  return {
    async snapshotRows(ref: RecipeRef, ids: readonly string[]): Promise<Map<string, SnapshotValue>> {
      const found = new Map<string, SnapshotValue>()
      for (let at = 0; at < ids.length; at += idsAtOnce) {
        const rows = await read(
          of(ref)
            .selectAll()
            .where('row_id', 'in', ids.slice(at, at + idsAtOnce)),
        )
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
