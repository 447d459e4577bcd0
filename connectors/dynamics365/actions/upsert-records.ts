import { setImmediate } from 'node:timers/promises'
import { type ActionContext, ConnectorError, type Json, type JsonObject, PerRow, Type } from '../../../runner/connector/index.ts'
import { roundsOfChunks } from '../bulk/chunks.ts'
import { pool } from '../bulk/pool.ts'
import { addFailures, type BulkState, mostFailures, resume } from '../bulk/progress.ts'
import { type BulkRow, type FailedRow, failedRow, prepareRow, unpreparedRow } from '../bulk/row.ts'
import { sendChunk } from '../bulk/send-chunk.ts'
import type { Client } from '../client.ts'
import dynamics365 from '../connection.ts'
import { Table as TableField, Values } from '../fields.ts'
import type { Table } from '../metadata/table.ts'
import { checkKeyColumns } from '../values/key.ts'

/** Rows of one `$batch`. */
const chunkSize = 100
/** Rows prepared at once: bounds memory, and repeats are put in order within it. */
const windowSize = 10_000
/** Preparing so many rows takes a few milliseconds; then others get their turn. */
const breath = 200

type Input = {
  table: string
  key: string[]
  rows: unknown[]
  values(row: unknown, index: number): JsonObject
  accept_failed_rows?: boolean
}
type Context = ActionContext<Client, Input>

const Failed = Type.Object({
  index: Type.Integer({ description: 'Place in `rows`, from 0.' }),
  status: Type.Unsafe<number | null>({ type: ['integer', 'null'], description: 'HTTP status, or null when the row was not sent.' }),
  code: Type.String({ description: 'Stable code, see `runner explain`.' }),
  message: Type.String(),
})

export default dynamics365.action({
  title: 'Create or update many records',
  description:
    'Writes rows of any number in batches, several at once, each row with its own outcome. Rows of one key keep their order. A repeat goes on with the first batch that was not finished. Rows that fail make the job `partial`, unless `accept_failed_rows` is set.',
  input: Type.Object(
    {
      table: TableField(),
      key: Type.Array(Type.String({ minLength: 1 }), {
        'x-columns': 'table',
        minItems: 1,
        title: 'Key',
        description: "Columns of an alternate key, or the table's primary key column; each row has them among its `values`.",
        examples: [['accountnumber']],
      }),
      rows: Type.Array(Type.Unknown(), { title: 'Rows', description: 'The list to write.', examples: ['${{ batch.records }}'] }),
      as: Type.Optional(
        Type.String({
          'x-row-name': true,
          pattern: '^[a-z_][a-z0-9_]*$',
          default: 'row',
          title: 'As',
          description: 'Name of the row in `values`.',
          examples: ['row'],
        }),
      ),
      values: PerRow(Values()),
      accept_failed_rows: Type.Optional(
        Type.Boolean({
          default: false,
          title: 'Accept failed rows',
          description: 'The step succeeds although rows failed; they are in its result.',
          examples: [true],
        }),
      ),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    total: Type.Integer({ description: 'Rows in all.' }),
    succeeded: Type.Integer({ description: 'Rows written.' }),
    failed: Type.Array(Failed, { description: `Rows not written, with the reason; the first ${mostFailures} of them.` }),
  }),
  effect: 'write',
  afterUnknownEffect: 'repeat',
  examples: [
    {
      name: 'Accounts of a file',
      input: {
        table: 'account',
        key: ['accountnumber'],
        rows: '${{ batch.records }}',
        as: 'row',
        values: { accountnumber: '${{ row.number }}', name: '${{ row.name }}' },
      },
    },
  ],
  async run(context) {
    const { client, input, progress } = context
    const table = await client.tables.get(input.table)
    checkKeyColumns(table, input.key)
    const state = resume(progress.saved, input.rows.length)
    while (state.windowStart < input.rows.length) await writeWindow(context, table, state)
    return result(state, input.accept_failed_rows ?? false)
  },
})

async function writeWindow(context: Context, table: Table, state: BulkState): Promise<void> {
  const { client, progress } = context
  const { rows, failures } = await prepareWindow(context, table, state.windowStart)
  const save = () => progress.save(structuredClone(state) as unknown as Json)
  let count = 0
  for (const chunks of roundsOfChunks(rows, chunkSize)) {
    const open = chunks.map((chunk) => ({ chunk, number: count++ })).filter((one) => !state.done.includes(one.number))
    await pool(open, client.api.atOnce, async ({ chunk, number }) => {
      const errors = await sendChunk({ ...context, table }, chunk)
      addFailures(
        state,
        [...errors].map(([row, error]) => failedRow(row.index, error)),
      )
      state.done.push(number)
      await save()
    })
  }
  addFailures(state, failures)
  state.windowStart += windowSize
  state.done = []
  await save()
}

/** Renders and checks the rows of a window; those that cannot be written fail here. */
async function prepareWindow({ client, input }: Context, table: Table, start: number): Promise<{ rows: BulkRow[]; failures: FailedRow[] }> {
  const rows: BulkRow[] = []
  const failures: FailedRow[] = []
  for (const [offset, row] of input.rows.slice(start, start + windowSize).entries()) {
    const index = start + offset
    try {
      rows.push(await prepareRow(client, table, input.key, input.values(row, index), index))
    } catch (thrown) {
      failures.push(unpreparedRow(index, thrown))
    }
    if (offset % breath === breath - 1) await setImmediate()
  }
  return { rows, failures }
}

function result(state: BulkState, acceptFailed: boolean): { total: number; succeeded: number; failed: FailedRow[] } {
  const failed = state.failures.toSorted((a, b) => a.index - b.index)
  const outcome = { total: state.rows, succeeded: state.rows - state.failed, failed }
  if (state.failed === 0 || acceptFailed) return outcome
  const first = failed[0]!
  throw new ConnectorError(
    'rejected',
    'rows_failed',
    `${state.failed} of ${state.rows} rows were not written; the first is row ${first.index}: ${first.message} Correct the rows and run the job again, or set \`accept_failed_rows\`.`,
    { details: { ...outcome, partial: true } },
  )
}
