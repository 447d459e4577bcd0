import { type CompiledQuery, sql as raw } from 'kysely'
import { prepare, type Sql } from '../sql.ts'
import type { AcceptedPage, JobState, NewJob, RecipeRef } from '../store.ts'
import { putCursor } from './cursors.ts'
import { errorPlace, payloadPlace, standsInLine } from './jobs.ts'
import { snapshotUpsert } from './snapshots.ts'

/** A statement takes at most so many ids. */
const idsAtOnce = 500

export function acceptRows(sql: Sql) {
  const { db, read, write, now } = sql
  const insertJob = jobInsert(sql)
  const insertEvent = eventInsert(sql)
  const putSnapshot = snapshotUpsert(sql)
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
      const seenAt = now()
      for (const job of jobs) {
        queries.push(insertJob(recipe, runId, job))
        for (const id of job.eventIds)
          queries.push(insertEvent({ recipe: recipe.id, environment: recipe.environment, id, jobId: job.id, seenAt }))
      }
      for (const change of snapshotChanges) queries.push(putSnapshot(recipe, change))
      if (cursor) queries.push(putCursor(sql, recipe, cursor.value, cursor.at))
      if (queries.length > 0) await write(queries)
    },
  }
}

interface JobValues {
  id: string
  recipe: string
  environment: string
  runId: string
  /** Set for a job that is born failed. */
  failed: 'failed' | null
  payload: Buffer
  orderKey: string | null
  createdAt: number
  endedAt: number | null
  error: Buffer | null
  errorCode: string | null
}

/** A job stands behind an unfinished one of its key, also one of this very page. */
function jobInsert({ db, cipher }: Sql): (recipe: RecipeRef, runId: string, job: NewJob) => CompiledQuery {
  const insert = prepare((job: JobValues) =>
    db.insertInto('jobs').values({
      id: job.id,
      recipe: job.recipe,
      environment: job.environment,
      run_id: job.runId,
      state: raw<JobState>`coalesce(${job.failed}, case when exists (
        select 1 from jobs where recipe = ${job.recipe} and environment = ${job.environment} and order_key = ${job.orderKey} and ${standsInLine}
      ) then 'blocked' else 'ready' end)`,
      payload: job.payload,
      order_key: job.orderKey,
      created_at: job.createdAt,
      ended_at: job.endedAt,
      attempt: 0,
      fence: 0,
      error: job.error,
      error_code: job.errorCode,
    }),
  )
  return (recipe, runId, { id, payload, orderKey, createdAt, failed }) =>
    insert({
      id,
      recipe: recipe.id,
      environment: recipe.environment,
      runId,
      failed: failed ? 'failed' : null,
      payload: cipher.seal(payload, payloadPlace(id)),
      orderKey: orderKey ?? null,
      createdAt: createdAt.getTime(),
      endedAt: failed ? createdAt.getTime() : null,
      error: failed ? cipher.seal(failed, errorPlace(id)) : null,
      errorCode: failed?.code ?? null,
    })
}

function eventInsert({
  db,
}: Sql): (event: { recipe: string; environment: string; id: string; jobId: string; seenAt: number }) => CompiledQuery {
  return prepare((event: { recipe: string; environment: string; id: string; jobId: string; seenAt: number }) =>
    db
      .insertInto('events')
      .values({ recipe: event.recipe, environment: event.environment, event_id: event.id, job_id: event.jobId, seen_at: event.seenAt }),
  )
}
