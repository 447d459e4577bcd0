import type { Sql } from '../sql.ts'
import type { NewRun, Outcome, RecipeRef, RunEnd, RunRow, StoredError } from '../store.ts'

const place = (id: string) => `runs.error:${id}`

export function runRows({ db, cipher, read, write }: Sql) {
  return {
    async startRun(run: NewRun): Promise<void> {
      const values = {
        id: run.id,
        recipe: run.recipe.id,
        environment: run.recipe.environment,
        started_at: run.startedAt.getTime(),
        ended_at: null,
        recipe_hash: run.recipeHash,
        git_commit: run.gitCommit ?? null,
        runner_version: run.runnerVersion,
        outcome: null,
        counts: null,
        error: null,
      }
      await write([db.insertInto('runs').values(values)])
    },

    async finishRun(id: string, end: RunEnd): Promise<void> {
      const set = {
        ended_at: end.endedAt.getTime(),
        outcome: end.outcome,
        counts: JSON.stringify(end.counts),
        error: end.error ? cipher.seal(end.error, place(id)) : null,
      }
      await write([db.updateTable('runs').set(set).where('id', '=', id)])
    },

    async runs({ recipe, limit = 50 }: { recipe?: RecipeRef; limit?: number }): Promise<RunRow[]> {
      let query = db.selectFrom('runs').selectAll().orderBy('started_at', 'desc').limit(limit)
      if (recipe) query = query.where('recipe', '=', recipe.id).where('environment', '=', recipe.environment)
      return (await read(query)).map((row) => ({
        id: row.id,
        recipe: { id: row.recipe, environment: row.environment },
        startedAt: new Date(row.started_at),
        recipeHash: row.recipe_hash,
        runnerVersion: row.runner_version,
        ...(row.git_commit !== null && { gitCommit: row.git_commit }),
        ...(row.ended_at !== null && { endedAt: new Date(row.ended_at) }),
        ...(row.outcome !== null && { outcome: row.outcome as Outcome }),
        ...(row.counts !== null && { counts: JSON.parse(row.counts) as Record<string, number> }),
        ...(row.error !== null && { error: cipher.open(row.error, place(row.id)) as StoredError }),
      }))
    },
  }
}
