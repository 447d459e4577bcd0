import { ODataFilter, type PollContext, type PollPage, type Static, type TriggerEvent, Type } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import dynamics365 from '../connection.ts'
import { AnyRow, Columns, Table as TableField } from '../fields.ts'
import { selectOf } from '../metadata/column.ts'
import type { Table } from '../metadata/table.ts'
import { pagesByTime } from '../polling/by-time.ts'
import { asCursor } from '../polling/compare.ts'
import { type Origin, origin } from '../polling/origin.ts'
import { fromWire } from '../values/read.ts'
import type { WireRow } from '../webapi/client.ts'
import { withQuery } from '../webapi/odata.ts'

const input = Type.Object(
  {
    table: TableField(),
    columns: Type.Optional(Columns()),
    filter: Type.Optional(
      ODataFilter({
        minLength: 1,
        title: 'Filter',
        description: 'OData `$filter`: only new rows that match.',
        examples: ['revenue gt 100000'],
      }),
    ),
  },
  { additionalProperties: false },
)

type Context = PollContext<Client, Static<typeof input>>

/** Time comes from the server only: the newest row that was read. A clock of ours could be ahead and lose rows. */
interface CreatedCursor extends Origin {
  table: string
  /** `createdon` of the newest row read; null reads from the oldest. */
  from: string | null
  /** `baseline`: rows that are read again because of the overlap, yet were there before, are being remembered. */
  phase: 'baseline' | 'changes'
}

export default dynamics365.trigger({
  title: 'Record created',
  description: 'One event per new row.',
  input,
  event: AnyRow({ description: 'The row by column name.' }),
  examples: [
    { name: 'New accounts', input: { table: 'account', columns: ['name', 'accountnumber', 'primarycontactid'] } },
    {
      name: 'New large opportunities',
      input: { table: 'opportunity', columns: ['name', 'estimatedvalue'], filter: 'estimatedvalue gt 100000' },
    },
  ],
  async *poll(context) {
    const table = await context.client.tables.get(context.input.table)
    const cursor = await begin(context, table)
    yield* cursor.phase === 'baseline' ? baseline(context, table, cursor) : newRows(context, table, cursor)
  },
})

async function begin({ client, cursor, since, signal }: Context, table: Table): Promise<CreatedCursor> {
  const saved = cursor as unknown as CreatedCursor | null
  const place = await origin(client, saved, signal)
  if (saved?.table === table.logicalName) return { ...saved, ...place }
  if (since === 'beginning' && saved === null) return { ...place, table: table.logicalName, from: null, phase: 'changes' }
  const newest = await client.api.page(withQuery(table.entitySetName, { $select: 'createdon', $orderby: 'createdon desc', $top: '1' }), {
    signal,
  })
  return { ...place, table: table.logicalName, from: createdOn(newest.rows[0]) ?? null, phase: 'baseline' }
}

/** Yields nothing, and remembers the rows that the overlap of the next poll would bring again. */
async function* baseline({ client, signal }: Context, table: Table, cursor: CreatedCursor): AsyncIterable<PollPage> {
  const { from } = cursor
  if (from !== null) {
    for await (const { rows } of pagesByTime(client, table, { column: 'createdon', from, to: from, select: selectOf(table, []) }, signal)) {
      yield {
        events: [],
        cursor: asCursor(cursor),
        snapshotChanges: rows.map((row) => ({ id: String(row[table.primaryId]), row: { version: '', values: null } })),
      }
    }
  }
  yield { events: [], cursor: asCursor({ ...cursor, phase: 'changes' }) }
}

/** Rows of the overlap come again; the id of an event is that of its row, so none leads to a second job. */
async function* newRows(context: Context, table: Table, start: CreatedCursor): AsyncIterable<PollPage> {
  const { client, input, snapshot, signal, until } = context
  const query = {
    column: 'createdon',
    from: start.from,
    select: selectOf(table, input.columns && [...input.columns, 'createdon']),
    filter: input.filter,
  }
  let cursor = start
  for await (const { rows } of pagesByTime(client, table, query, signal)) {
    const before = await snapshot.get(rows.map((row) => String(row[table.primaryId])))
    const events = rows.filter((row) => !before.has(String(row[table.primaryId]))).map((row) => toEvent(table, row, input.columns))
    cursor = { ...cursor, from: createdOn(rows.at(-1)) ?? cursor.from }
    yield { events, cursor: asCursor(cursor) }
    if (cursor.from !== null && Date.parse(cursor.from) > until.getTime()) return
  }
}

function toEvent(table: Table, row: WireRow, columns: readonly string[] | undefined): TriggerEvent {
  const { id, record, labels } = fromWire(table, row, columns)
  const time = createdOn(row)
  const name = `${table.logicalName}/${id}`
  return { id: name, change: 'created', record, labels, orderKey: name, ...(time !== undefined && { time }) }
}

function createdOn(row: WireRow | undefined): string | undefined {
  return typeof row?.createdon === 'string' ? row.createdon : undefined
}
