import { ConnectorError, ODataFilter, OneOf, type PollContext, type Static, Type } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import dynamics365 from '../connection.ts'
import { AnyRow, Columns, Table as TableField } from '../fields.ts'
import { columnOf } from '../metadata/column.ts'
import type { Table } from '../metadata/table.ts'
import { trackedChanges } from '../polling/change-tracking.ts'
import { type ChangedCursor, type Method, newReading } from '../polling/changed-cursor.ts'
import type { Change, Watch } from '../polling/compare.ts'
import { modifiedChanges } from '../polling/modified-on.ts'
import { type Origin, origin } from '../polling/origin.ts'

const allChanges: Change[] = ['created', 'updated', 'deleted']

const input = Type.Object(
  {
    table: TableField(),
    columns: Type.Optional(
      Columns({
        description:
          'Columns to read and to compare: an update counts when one of them differs. All when left out; then every update counts.',
      }),
    ),
    changes: Type.Optional(
      Type.Array(OneOf(allChanges), {
        minItems: 1,
        uniqueItems: true,
        title: 'Changes',
        description: 'Which changes to yield; default all that the method can see.',
        examples: [['updated']],
      }),
    ),
    when_changed: Type.Optional(
      Columns({
        title: 'When changed',
        description: 'An update counts only when one of these columns differs.',
        examples: [['statecode']],
      }),
    ),
    method: Type.Optional(
      OneOf(['change_tracking', 'modified_on'], {
        title: 'Method',
        description:
          '`change_tracking` (default where the table has it) sees deletes; `modified_on` reads what was modified lately and sees none. The method is kept with the cursor.',
        examples: ['modified_on'],
      }),
    ),
    filter: Type.Optional(
      ODataFilter({
        minLength: 1,
        title: 'Filter',
        description: 'OData `$filter`, only with `method: modified_on`. With change tracking, conditions belong in the trigger’s `if`.',
        examples: ['statecode eq 0'],
      }),
    ),
  },
  { additionalProperties: false },
)

type Input = Static<typeof input>

export default dynamics365.trigger({
  title: 'Record changed',
  description:
    'One event per row that was created, updated or deleted since the last poll; several changes of a row between two polls are one. `event.before` holds the values as they were.',
  input,
  event: AnyRow({ description: 'The row by column name; of a deleted row, the values last seen.' }),
  examples: [
    {
      name: 'Opportunities whose state changed',
      input: {
        table: 'opportunity',
        columns: ['name', 'estimatedvalue', 'statecode', 'parentaccountid'],
        changes: ['updated'],
        when_changed: ['statecode'],
      },
    },
    { name: 'Accounts by time of change', input: { table: 'account', columns: ['name'], method: 'modified_on', filter: 'statecode eq 0' } },
  ],
  async *poll(context) {
    const { client, input, snapshot, signal, until } = context
    const table = await client.tables.get(input.table)
    const cursor = await begin(context, table)
    const watch = toWatch(input, table, cursor.method)
    if (cursor.method === 'change_tracking') yield* trackedChanges({ client, watch, snapshot, signal }, cursor)
    else yield* modifiedChanges({ client, watch, snapshot, signal, until, filter: input.filter }, cursor)
  },
})

/** The saved cursor, or a new baseline where there is none or where it was made for another question. */
async function begin(context: PollContext<Client, Input>, table: Table): Promise<ChangedCursor> {
  const { client, input, since, signal } = context
  const saved = context.cursor as unknown as ChangedCursor | null
  const place = await origin(client, saved, signal)
  const method = input.method ?? saved?.method ?? (table.changeTracking ? 'change_tracking' : 'modified_on')
  checkMethod(input, table, method)
  for (const name of input.when_changed ?? []) columnOf(table, name)
  const columns = columnsOf(input) ?? null
  if (saved && saved.method === method && saved.table === table.logicalName && sameNames(saved.columns, columns))
    return moved(saved, place, client)
  const fresh: ChangedCursor = {
    ...place,
    method,
    table: table.logicalName,
    columns,
    generation: saved?.generation ?? 0,
    phase: 'baseline',
    silent: true,
    link: null,
    from: null,
  }
  return newReading(fresh, saved !== null || since === 'now')
}

/** @throws ConnectorError `change_tracking_off`, `invalid_trigger` */
function checkMethod({ filter, when_changed, changes }: Input, table: Table, method: Method): void {
  if (method === 'change_tracking' && !table.changeTracking)
    throw new ConnectorError(
      'rejected',
      'change_tracking_off',
      `Change tracking is off for the table \`${table.logicalName}\`. Enable it in the table's settings, or use \`method: modified_on\`.`,
    )
  if (filter !== undefined && method === 'change_tracking')
    throw invalidTrigger("`filter` needs `method: modified_on`; with change tracking, put the condition into the trigger's `if`.")
  if (filter !== undefined && when_changed !== undefined)
    throw invalidTrigger(
      "`filter` and `when_changed` exclude each other: a filter on the new values hides the change. Put the condition into the trigger's `if`.",
    )
  if (method === 'modified_on' && changes?.includes('deleted'))
    throw invalidTrigger(
      '`method: modified_on` cannot see deleted rows. Take `deleted` out of `changes`, or use `method: change_tracking`.',
    )
}

function invalidTrigger(message: string): ConnectorError {
  return new ConnectorError('rejected', 'invalid_trigger', message)
}

function toWatch(input: Input, table: Table, method: Method): Watch {
  const seen = method === 'change_tracking' ? allChanges : allChanges.filter((change) => change !== 'deleted')
  return { table, columns: columnsOf(input), whenChanged: input.when_changed, changes: new Set(input.changes ?? seen) }
}

/** What `when_changed` names is read too. */
function columnsOf({ columns, when_changed = [] }: Input): string[] | undefined {
  return columns && [...new Set([...columns, ...when_changed])]
}

function sameNames(a: readonly string[] | null, b: readonly string[] | null): boolean {
  return a === b || (a !== null && b !== null && a.toSorted().join() === b.toSorted().join())
}

/** An organization that moved to another host keeps its links; only their origin is another. */
function moved(saved: ChangedCursor, place: Origin, client: Client): ChangedCursor {
  if (saved.host === place.host || saved.link === null) return { ...saved, ...place }
  return { ...saved, ...place, link: saved.link.replace(/^https?:\/\/[^/]+/, new URL(client.api.baseUrl).origin) }
}
