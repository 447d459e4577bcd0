import type { Sql } from '../sql.ts'
import type { RecipeBundle } from '../store.ts'

const place = (hash: string) => `recipes.files:${hash}`

export function recipeRows({ db, cipher, read, write }: Sql) {
  return {
    async saveRecipe({ hash, path, files }: RecipeBundle): Promise<void> {
      if ((await read(db.selectFrom('recipes').select('hash').where('hash', '=', hash))).length > 0) return
      const values = { hash, path, files: cipher.seal(files, place(hash)) }
      await write([
        db
          .insertInto('recipes')
          .values(values)
          .onConflict((c) => c.doNothing()),
      ])
    },
    async recipe(hash: string): Promise<RecipeBundle | undefined> {
      const [row] = await read(db.selectFrom('recipes').selectAll().where('hash', '=', hash))
      return row && { hash, path: row.path, files: cipher.open(row.files, place(hash)) as Record<string, string> }
    },
  }
}
