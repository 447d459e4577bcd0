import type { CompiledQuery } from 'kysely'
import type { Cipher } from '../cipher.ts'
import { prepare, type Sql } from '../sql.ts'
import type { Claim, StepRow, StoredError } from '../store.ts'

const payloads = ['input', 'output', 'progress', 'error'] as const

const place = (column: string, job: string, address: string) => `steps.${column}:${job}:${address}`

function seal(cipher: Cipher, jobId: string, row: StepRow) {
  const sealed = (column: (typeof payloads)[number]) =>
    row[column] === undefined ? null : cipher.seal(row[column], place(column, jobId, row.address))
  return { input: sealed('input'), output: sealed('output'), progress: sealed('progress'), error: sealed('error') }
}

interface StepValues extends Pick<StepRow, 'address' | 'nodeHash' | 'state' | 'key' | 'attempt'> {
  jobId: string
  input: Buffer | null
  output: Buffer | null
  progress: Buffer | null
  error: Buffer | null
  startedAt: number
  endedAt: number | null
}

/** The queries that store steps; part of both saving and finishing. */
export function stepUpserts({ db, cipher }: Sql): (jobId: string, rows: readonly StepRow[]) => CompiledQuery[] {
  const upsert = prepare((step: StepValues) => {
    const set = {
      node_hash: step.nodeHash,
      state: step.state,
      step_key: step.key,
      attempt: step.attempt,
      input: step.input,
      output: step.output,
      progress: step.progress,
      error: step.error,
      started_at: step.startedAt,
      ended_at: step.endedAt,
    }
    return db
      .insertInto('steps')
      .values((eb) => ({
        job_id: step.jobId,
        address: step.address,
        position: eb
          .selectFrom('steps')
          .where('job_id', '=', step.jobId)
          .select((s) => s.fn.countAll<number>().as('n')),
        ...set,
      }))
      .onConflict((c) => c.columns(['job_id', 'address']).doUpdateSet(set))
  })
  return (jobId, rows) =>
    rows.map((row) => {
      const { address, nodeHash, state, key, attempt, startedAt, endedAt } = row
      const times = { startedAt: startedAt.getTime(), endedAt: endedAt?.getTime() ?? null }
      return upsert({ jobId, address, nodeHash, state, key, attempt, ...times, ...seal(cipher, jobId, row) })
    })
}

export function stepRows(sql: Sql, guarded: (claim: Claim, queries: CompiledQuery[]) => Promise<void>) {
  const { db, cipher, read } = sql
  const putSteps = stepUpserts(sql)
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

    saveSteps: (claim: Claim, rows: readonly StepRow[]): Promise<void> => guarded(claim, putSteps(claim.jobId, rows)),
  }
}
