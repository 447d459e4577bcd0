import { type Compilable, type CompiledQuery, type Expression, type ExpressionBuilder, sql as raw, type SqlBool } from 'kysely'
import type { Tables } from '../schema.ts'
import { prepare, type Sql } from '../sql.ts'
import type { ClaimedJob, JobFilter, JobRow, JobState, RecipeRef, StoredError } from '../store.ts'

export const payloadPlace = (id: string) => `jobs.payload:${id}`
export const errorPlace = (id: string) => `jobs.error:${id}`

/** States of jobs that stand before later ones of their order key. Literal, so that the partial index is used. */
export const standsInLine = raw<SqlBool>`order_key is not null and state in ('ready', 'blocked', 'held', 'waiting', 'running')`

type JobExpression = ExpressionBuilder<Tables, 'jobs'>

export const ofRecipe = (ref: RecipeRef) => (eb: JobExpression) =>
  eb.and([eb('recipe', '=', ref.id), eb('environment', '=', ref.environment)])

/** Readies the job that stands next behind one that has just ended. One look into the index of keys, however many wait. */
export function promoteNext({ db }: Sql): (values: { jobId: string }) => CompiledQuery {
  // Literal, so that the partial index is used.
  const inLine = raw<SqlBool>`next.order_key is not null and next.state in ('ready', 'blocked', 'held', 'waiting', 'running')`
  return prepare(({ jobId }: { jobId: string }) =>
    db
      .updateTable('jobs')
      .set({ state: 'ready' })
      .where('seq', '=', (jobs) =>
        jobs
          .selectFrom('jobs as ended')
          .innerJoin('jobs as next', (join) =>
            join
              .onRef('next.recipe', '=', 'ended.recipe')
              .onRef('next.environment', '=', 'ended.environment')
              .onRef('next.order_key', '=', 'ended.order_key'),
          )
          .select('next.seq')
          .where('ended.id', '=', jobId)
          .where(inLine)
          .where('next.state', '=', 'blocked')
          .orderBy('next.seq')
          .limit(1),
      ),
  )
}

/** Readies the first blocked job of each order key that has nobody ready, held, waiting or running. */
export function promote({ db }: Sql, only: (eb: JobExpression) => Expression<SqlBool>): Compilable {
  const sameKey = raw<SqlBool>`other.recipe = jobs.recipe and other.environment = jobs.environment and other.order_key = jobs.order_key`
  const inLine = raw<SqlBool>`other.order_key is not null and other.state in ('ready', 'blocked', 'held', 'waiting', 'running')`
  return db
    .updateTable('jobs')
    .set({ state: 'ready' })
    .where(raw<SqlBool>`state = 'blocked'`)
    .where(only)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('jobs as other')
            .select(raw`1`.as('one'))
            .where(sameKey)
            .where(inLine)
            .where(raw<SqlBool>`(other.state <> 'blocked' or other.seq < jobs.seq)`),
        ),
      ),
    )
}

export function jobRows(sql: Sql, owner: string) {
  const { db, cipher, read, write } = sql
  return {
    async unfinished(ref: RecipeRef): Promise<number> {
      const query = db
        .selectFrom('jobs')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where(ofRecipe(ref))
        .where(raw<SqlBool>`state in ('ready', 'blocked', 'waiting', 'running')`)
      return Number((await read(query))[0]?.n ?? 0)
    },

    async claim(ref: RecipeRef, limit: number, recipeHash: string): Promise<ClaimedJob[]> {
      const ready = db
        .selectFrom('jobs')
        .select('seq')
        .where(ofRecipe(ref))
        .where(raw<SqlBool>`state = 'ready'`)
        .orderBy('seq')
        .limit(limit)
      // Asking first keeps an idle cycle from writing.
      if ((await read(ready.clearLimit().limit(1))).length === 0) return []
      const query = db
        .updateTable('jobs')
        .set((eb) => ({
          state: 'running',
          owner,
          fence: eb('fence', '+', 1),
          attempt: eb('attempt', '+', 1),
          recipe_hash: eb.fn.coalesce('recipe_hash', eb.val(recipeHash)),
        }))
        .where('seq', 'in', ready)
        .returning(['seq', 'id', 'fence', 'attempt', 'payload', 'created_at', 'recipe_hash'])
      const rows = (await write([query]))[0]?.rows as {
        seq: number
        id: string
        fence: number
        attempt: number
        payload: Uint8Array
        created_at: number
        recipe_hash: string
      }[]
      return rows
        .sort((a, b) => a.seq - b.seq)
        .map((row) => ({
          jobId: row.id,
          fence: row.fence,
          attempt: row.attempt,
          payload: cipher.open(row.payload, payloadPlace(row.id)),
          createdAt: new Date(row.created_at),
          recipeHash: row.recipe_hash,
        }))
    },

    async hold(ref: RecipeRef, reason: string): Promise<number> {
      const query = db
        .updateTable('jobs')
        .set({ state: 'held', reason })
        .where(ofRecipe(ref))
        .where(raw<SqlBool>`state = 'ready'`)
        .where('recipe_hash', 'is', null)
      return (await write([query]))[0]?.changes ?? 0
    },

    async release(ref: RecipeRef): Promise<number> {
      const held = db.selectFrom('jobs').select('seq').where(ofRecipe(ref)).where(raw<SqlBool>`state = 'held'`)
      if ((await read(held.limit(1))).length === 0) return 0
      const query = db.updateTable('jobs').set({ state: 'ready', reason: null }).where('seq', 'in', held)
      return (await write([query]))[0]?.changes ?? 0
    },

    async requeue(filter: JobFilter): Promise<string[]> {
      const again = db
        .updateTable('jobs')
        .set((eb) => ({
          state: eb
            .case()
            .when('order_key', 'is', null)
            .then('ready' as const)
            .else('blocked' as const)
            .end(),
          ended_at: null,
          error: null,
          error_code: null,
          step: null,
          reason: null,
        }))
        .where(stuck)
        .where(matching(filter))
        .returning(['id'])
      const readied = promote(sql, (eb) => (filter.recipe ? ofRecipe(filter.recipe)(eb) : raw<SqlBool>`true`))
      const [first] = await write([again, readied])
      return (first?.rows ?? []).map((row) => row.id as string)
    },

    async count(filter: JobFilter): Promise<number> {
      const query = db
        .selectFrom('jobs')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where(matching(filter))
      return Number((await read(query))[0]?.n ?? 0)
    },

    async jobs(filter: JobFilter): Promise<JobRow[]> {
      let query = db.selectFrom('jobs').selectAll().where(matching(filter)).orderBy('seq', 'desc')
      if (filter.limit !== undefined) query = query.limit(filter.limit)
      return (await read(query)).map((row) => ({
        id: row.id,
        recipe: { id: row.recipe, environment: row.environment },
        runId: row.run_id,
        state: row.state,
        payload: cipher.open(row.payload, payloadPlace(row.id)),
        createdAt: new Date(row.created_at),
        attempt: row.attempt,
        ...(row.order_key !== null && { orderKey: row.order_key }),
        ...(row.ended_at !== null && { endedAt: new Date(row.ended_at) }),
        ...(row.recipe_hash !== null && { recipeHash: row.recipe_hash }),
        ...(row.error !== null && { error: cipher.open(row.error, errorPlace(row.id)) as StoredError }),
        ...(row.step !== null && { step: row.step }),
        ...(row.reason !== null && { reason: row.reason }),
      }))
    },
  }
}

/** States from which a job may be run again. The predicate is literal, so that the partial index is used. */
const stuckStates: readonly JobState[] = ['failed', 'partial', 'cancelled', 'outcome_unknown']
const stuck = raw<SqlBool>`state in ('failed', 'partial', 'cancelled', 'outcome_unknown')`

function matching(filter: JobFilter) {
  return (eb: JobExpression): Expression<SqlBool> =>
    eb.and([
      ...(filter.recipe ? [ofRecipe(filter.recipe)(eb)] : []),
      ...(filter.ids ? [eb('id', 'in', filter.ids)] : []),
      ...(filter.states ? [eb('state', 'in', filter.states)] : []),
      ...(filter.states?.every((state) => stuckStates.includes(state)) ? [stuck] : []),
      ...(filter.code !== undefined ? [eb('error_code', '=', filter.code)] : []),
    ])
}
