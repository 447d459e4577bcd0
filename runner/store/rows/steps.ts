import type { Compilable } from 'kysely'
import type { Cipher } from '../cipher.ts'
import type { Sql } from '../sql.ts'
import type { Claim, StepRow, StoredError } from '../store.ts'

const payloads = ['input', 'output', 'progress', 'error'] as const

const place = (column: string, job: string, address: string) => `steps.${column}:${job}:${address}`

function seal(cipher: Cipher, jobId: string, row: StepRow) {
  const sealed = (column: (typeof payloads)[number]) => (row[column] === undefined ? null : cipher.seal(row[column], place(column, jobId, row.address)))
  return { input: sealed('input'), output: sealed('output'), progress: sealed('progress'), error: sealed('error') }
}

/** The queries that store steps; part of both saving and finishing. */
export function putSteps({ db, cipher }: Sql, jobId: string, rows: readonly StepRow[]): Compilable[] {
  return rows.map((row) => {
    const set = {
      node_hash: row.nodeHash,
      state: row.state,
      step_key: row.key,
      attempt: row.attempt,
      ...seal(cipher, jobId, row),
      started_at: row.startedAt.getTime(),
      ended_at: row.endedAt?.getTime() ?? null,
    }
    return db
      .insertInto('steps')
      .values((eb) => ({
        job_id: jobId,
        address: row.address,
        position: eb.selectFrom('steps').where('job_id', '=', jobId).select((s) => s.fn.countAll<number>().as('n')),
        ...set,
      }))
      .onConflict((c) => c.columns(['job_id', 'address']).doUpdateSet(set))
  })
}

export function stepRows(sql: Sql, guarded: (claim: Claim, queries: Compilable[]) => Promise<void>) {
  const { db, cipher, read } = sql
  return {
    async steps(jobId: string): Promise<StepRow[]> {
      const rows = await read(db.selectFrom('steps').selectAll().where('job_id', '=', jobId).orderBy('position'))
      return rows.map((row) => {
        const opened = Object.fromEntries(
          payloads.flatMap((column) => {
            const sealed = row[column]
            return sealed === null ? [] : [[column, cipher.open(sealed, place(column, jobId, row.address))]]
          }),
        ) as { input?: unknown; output?: unknown; progress?: unknown; error?: StoredError }
        return {
          address: row.address,
          nodeHash: row.node_hash,
          state: row.state,
          key: row.step_key,
          attempt: row.attempt,
          startedAt: new Date(row.started_at),
          ...(row.ended_at !== null && { endedAt: new Date(row.ended_at) }),
          ...opened,
        }
      })
    },

    saveSteps: (claim: Claim, rows: readonly StepRow[]): Promise<void> => guarded(claim, putSteps(sql, claim.jobId, rows)),
  }
}
