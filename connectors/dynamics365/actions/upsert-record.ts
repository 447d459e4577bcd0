import { type ActionContext, ConnectorError, type JsonObject, Type } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import dynamics365 from '../connection.ts'
import { idOrKey, Key, RecordId, Table as TableField, Values } from '../fields.ts'
import type { Table } from '../metadata/table.ts'
import { chosenId } from '../values/chosen-id.ts'
import { addressById, findByKey, type Key as RowKey, readKey, rowNotNamed, withoutKey } from '../values/key.ts'
import { toWire } from '../values/write.ts'

type Context = ActionContext<Client, { id?: string; key?: JsonObject }>

export default dynamics365.action({
  title: 'Create or update a record',
  description:
    'Changes the row with this id or alternate key, or creates it. May be repeated without harm. Key values that cannot stand in a URL (such as e-mail addresses with `+`) are looked up first.',
  input: Type.Object({ table: TableField(), id: Type.Optional(RecordId()), key: Type.Optional(Key()), values: Values() }, idOrKey),
  output: Type.Object({
    id: RecordId(),
    created: Type.Optional(
      Type.Boolean({ description: 'Whether the row is new. Absent after a repeat, when an earlier attempt may have created it.' }),
    ),
  }),
  effect: 'write',
  afterUnknownEffect: 'repeat',
  examples: [
    {
      name: 'By alternate key',
      input: { table: 'account', key: { accountnumber: 'A-17' }, values: { name: 'North Sea Lines', numberofemployees: 120 } },
    },
    { name: 'By id', input: { table: 'account', id: '5c1e0d4a-0000-4000-8000-00000000a001', values: { name: 'North Sea Lines' } } },
  ],
  async run(context) {
    const { client, input, again, signal } = context
    const table = await client.tables.get(input.table)
    const keyColumns = [table.primaryId, ...Object.keys(input.key ?? {})]
    const body = await toWire(client, table, withoutKey(input.values, keyColumns), 'upsert')
    if (input.id !== undefined)
      return told(await client.api.upsert(addressById(table, input.id), body, { select: [table.primaryId], signal }), table, again)
    if (input.key === undefined) throw rowNotNamed()
    const key = await readKey(client, table, input.key)
    if (key.address !== undefined)
      return told(await client.api.upsert(key.address, body, { select: [table.primaryId], signal }), table, again)
    return byFilter(context, table, key, body)
  },
})

function told(
  { status, row }: { status: number; row?: Record<string, unknown> },
  table: Table,
  again: boolean,
): { id: string; created?: boolean } {
  return { id: String(row?.[table.primaryId]), ...(!again && { created: status === 201 }) }
}

/** For keys that fail in URLs: found by `$filter`, written by id. */
async function byFilter(context: Context, table: Table, key: RowKey, body: JsonObject): Promise<{ id: string; created?: boolean }> {
  const { client, input, again, signal } = context
  const change = async (id: string) => {
    await client.api.update(addressById(table, id), body, { signal })
    return { id, ...(!again && { created: false }) }
  }
  const found = await findByKey(client, table, key, signal)
  if (found !== undefined) return change(found)
  const id = chosenId(context.key, 0, context.jobCreatedAt)
  try {
    const keyValues = await toWire(client, table, input.key ?? {}, 'create')
    await client.api.create(table.entitySetName, { ...body, ...keyValues, [table.primaryId]: id }, { signal })
    return { id, ...(!again && { created: true }) }
  } catch (thrown) {
    // Somebody created the row between our look and our write.
    const now =
      thrown instanceof ConnectorError && thrown.code === 'duplicate_record' ? await findByKey(client, table, key, signal) : undefined
    if (now === undefined) throw thrown
    return change(now)
  }
}
