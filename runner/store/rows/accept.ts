import { type CompiledQuery, sql as raw } from 'kysely'
import type { Sql } from '../sql.ts'
import type { AcceptedPage, NewJob, RecipeRef } from '../store.ts'
import { putCursor } from './cursors.ts'
import { errorPlace, ofRecipe, payloadPlace, standsInLine } from './jobs.ts'
import { putSnapshot } from './snapshots.ts'

/** A statement takes at most so many ids. */
const idsAtOnce = 500

export function acceptRows(sql: Sql) {
  const { db, read, write, now } = sql
  return {
    async seen(ref: RecipeRef, eventIds: readonly string[]): Promise<Set<string>> {
      const found = new Set<string>()
      for (let at = 0; at < eventIds.length; at += idsAtOnce) {
        const query = db
          .selectFrom('events')
          .select('event_id')
          .where('recipe', '=', ref.id)
          .where('environment', '=', ref.environment)
          .where('event_id', 'in', eventIds.slice(at, at + idsAtOnce))
        for (const row of await read(query)) found.add(row.event_id)
      }
      return found
    },

    async accept({ recipe, runId, jobs, snapshotChanges, cursor }: AcceptedPage): Promise<void> {
      const queries: CompiledQuery[] = []
      for (const job of jobs) {
        queries.push(insertJob(sql, recipe, runId, job))
        for (const eventId of job.eventIds) queries.push(insertEvent(sql, recipe, eventId, job.id, now()))
      }
      for (const change of snapshotChanges) queries.push(putSnapshot(sql, recipe, change))
      if (cursor) queries.push(putCursor(sql, recipe, cursor.value, cursor.at))
      if (queries.length > 0) await write(queries)
    },
  }
}

/** A job stands behind an unfinished one of its key, also one of this very page. */
function insertJob({ db, cipher }: Sql, recipe: RecipeRef, runId: string, job: NewJob): CompiledQuery {
  const key = job.orderKey ?? null
  return db
    .insertInto('jobs')
    .values((eb) => {
      const behind = eb.exists(eb.selectFrom('jobs').select(raw`1`.as('one')).where(ofRecipe(recipe)).where('order_key', '=', key).where(standsInLine))
      const state = key === null ? eb.val('ready' as const) : eb.case().when(behind).then('blocked' as const).else('ready' as const).end()
      return {
        id: job.id,
        recipe: recipe.id,
        environment: recipe.environment,
        run_id: runId,
        state: job.failed ? ('failed' as const) : state,
        payload: cipher.seal(job.payload, payloadPlace(job.id)),
        order_key: key,
        created_at: job.createdAt.getTime(),
        ended_at: job.failed ? job.createdAt.getTime() : null,
        attempt: 0,
        fence: 0,
        owner: null,
        recipe_hash: null,
        error: job.failed ? cipher.seal(job.failed, errorPlace(job.id)) : null,
        error_code: job.failed?.code ?? null,
        step: null,
        reason: null,
      }
    })
    .compile()
}

function insertEvent({ db }: Sql, recipe: RecipeRef, eventId: string, jobId: string, seenAt: number): CompiledQuery {
  return db.insertInto('events').values({ recipe: recipe.id, environment: recipe.environment, event_id: eventId, job_id: jobId, seen_at: seenAt }).compile()
}
