import type { CompiledQuery } from 'kysely'
import type { Sql } from '../sql.ts'
import type { CursorRow, RecipeRef } from '../store.ts'

const place = (ref: RecipeRef) => `cursors.cursor:${JSON.stringify([ref.environment, ref.id])}`

/** The query that moves a cursor; also part of accepting a page. */
export function putCursor({ db, cipher }: Sql, ref: RecipeRef, value: unknown, at: Date): CompiledQuery {
  const set = { cursor: cipher.seal(value, place(ref)), updated_at: at.getTime() }
  return db
    .insertInto('cursors')
    .values({ recipe: ref.id, environment: ref.environment, ...set })
    .onConflict((c) => c.columns(['recipe', 'environment']).doUpdateSet(set))
    .compile()
}

export function cursorRows(sql: Sql) {
  const { db, cipher, read, write, now } = sql
  return {
    async cursor(ref: RecipeRef): Promise<CursorRow | undefined> {
      const query = db.selectFrom('cursors').selectAll().where('recipe', '=', ref.id).where('environment', '=', ref.environment)
      const [row] = await read(query)
      return row && { cursor: cipher.open(row.cursor, place(ref)), updatedAt: new Date(row.updated_at) }
    },

    async setCursor(ref: RecipeRef, cursor: unknown): Promise<void> {
      if (cursor !== undefined) {
        await write([putCursor(sql, ref, cursor, new Date(now()))])
        return
      }
      await write([
        db.deleteFrom('cursors').where('recipe', '=', ref.id).where('environment', '=', ref.environment),
        db.deleteFrom('events').where('recipe', '=', ref.id).where('environment', '=', ref.environment),
        db.deleteFrom('snapshots').where('recipe', '=', ref.id).where('environment', '=', ref.environment),
      ])
    },
  }
}
