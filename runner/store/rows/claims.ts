import { type Compilable, sql as raw, type SqlBool } from 'kysely'
import type { Sql } from '../sql.ts'
import { type Claim, FenceLost, type JobEnd, type Lock, type RecipeRef, type StepRow } from '../store.ts'
import { errorPlace, ofRecipe, promote } from './jobs.ts'
import { putSteps, stepRows } from './steps.ts'

/**
 * Writes under a claim, and what becomes of claims whose process is gone.
 * @param takeLock the lock that a living process holds under its owner id
 */
export function claimRows(sql: Sql, takeLock: (owner: string) => Lock | undefined, me: string) {
  const { db, cipher, read, write } = sql

  /** Runs the queries only while the job is still ours. */
  async function guarded({ jobId, fence }: Claim, queries: Compilable[]): Promise<void> {
    const ours = db.selectFrom('jobs').select('id').where('id', '=', jobId).where('fence', '=', fence).where('state', '=', 'running')
    await write([ours, ...queries], ([found]) => {
      if (found?.rows.length !== 1) throw new FenceLost(`Job ${jobId} was taken over by another process.`)
    })
  }

  return {
    ...stepRows(sql, guarded),

    async finish(claim: Claim, rows: readonly StepRow[], end: JobEnd): Promise<void> {
      const { jobId } = claim
      const ended = end.state !== 'ready'
      const update = db
        .updateTable('jobs')
        .set((eb) => ({
          state: end.state,
          owner: null,
          ended_at: ended ? end.at.getTime() : null,
          // Given back: the attempt does not count.
          ...(!ended && { attempt: eb('attempt', '-', 1) }),
          error: end.error ? cipher.seal(end.error, errorPlace(jobId)) : null,
          error_code: end.error?.code ?? null,
          step: end.step ?? null,
        }))
        .where('id', '=', jobId)
      const sameKey = raw<SqlBool>`order_key = (select order_key from jobs where id = ${jobId}) and recipe = (select recipe from jobs where id = ${jobId})`
      await guarded(claim, [...putSteps(sql, jobId, rows), update, ...(ended ? [promote(sql, () => sameKey)] : [])])
    },

    async takeOver(ref: RecipeRef): Promise<number> {
      const running = db.selectFrom('jobs').where(ofRecipe(ref)).where(raw<SqlBool>`state = 'running'`)
      const owners = await read(running.select('owner').distinct().where('owner', '<>', me))
      let taken = 0
      for (const { owner } of owners) {
        const lock = owner === null ? undefined : takeLock(owner)
        if (!lock || owner === null) continue
        const query = db.updateTable('jobs').set({ state: 'ready', owner: null }).where(ofRecipe(ref)).where(raw<SqlBool>`state = 'running'`).where('owner', '=', owner)
        taken += (await write([query]))[0]?.changes ?? 0
        await lock.release()
      }
      return taken
    },
  }
}
