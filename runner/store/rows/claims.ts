import { type Compilable, type CompiledQuery, sql as raw, type SqlBool } from 'kysely'
import { prepare, type Sql } from '../sql.ts'
import { type Claim, FenceLost, type JobEnd, type RecipeRef, type StepRow } from '../store.ts'
import { errorPlace, ofRecipe, promoteNext } from './jobs.ts'
import { stepRows, stepUpserts } from './steps.ts'

/**
 * Writes under a claim, and what becomes of claims whose process is gone.
 * @param lifeSigns who is gone, by owner id
 */
export function claimRows(sql: Sql, lifeSigns: { isGone(owner: string): boolean; sweep(): void }, me: string) {
  const { db, cipher, read, write } = sql

  const readyNext = promoteNext(sql)
  const putSteps = stepUpserts(sql)
  const held = prepare(({ jobId, fence }: Claim) =>
    db.selectFrom('jobs').select('id').where('id', '=', jobId).where('fence', '=', fence).where('state', '=', 'running'),
  )

  /** Runs the queries only while the job is still ours. */
  async function guarded({ jobId, fence }: Claim, queries: (Compilable | CompiledQuery)[]): Promise<void> {
    await write([held({ jobId, fence }), ...queries], ([found]) => {
      if (found?.rows.length !== 1)
        throw new FenceLost(`The job ${jobId} is no longer ours: another process has taken it over, or it has ended. Stop working on it.`)
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
      await guarded(claim, [...putSteps(jobId, rows), update, ...(ended ? [readyNext({ jobId })] : [])])
    },

    async takeOver(ref: RecipeRef): Promise<number> {
      const running = db.selectFrom('jobs').where(ofRecipe(ref)).where(raw<SqlBool>`state = 'running'`)
      const owners = await read(running.select('owner').distinct().where('owner', '<>', me))
      let taken = 0
      for (const { owner } of owners) {
        if (owner === null || !lifeSigns.isGone(owner)) continue
        const query = db
          .updateTable('jobs')
          .set({ state: 'ready', owner: null })
          .where(ofRecipe(ref))
          .where(raw<SqlBool>`state = 'running'`)
          .where('owner', '=', owner)
        taken += (await write([query]))[0]?.changes ?? 0
      }
      lifeSigns.sweep()
      return taken
    },
  }
}
