import { type ActionContext, ConnectorError, type JsonObject, Type } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import dynamics365 from '../connection.ts'
import { RecordId, Table, Values } from '../fields.ts'
import { alreadyThere, readRow } from '../values/already-there.ts'
import { chosenId } from '../values/chosen-id.ts'
import { addressById } from '../values/key.ts'
import { toWire } from '../values/write.ts'

type Context = ActionContext<Client, { table: string; values: JsonObject }>

export default dynamics365.action({
  title: 'Create a record',
  description:
    'Creates a row. Its id is chosen before the row is sent, so a repeat after a lost answer finds the row that is already there instead of creating a second one.',
  input: Type.Object({ table: Table(), values: Values() }, { additionalProperties: false }),
  output: Type.Object({ id: RecordId() }),
  effect: 'write',
  afterUnknownEffect: 'ask',
  examples: [
    {
      name: 'An account',
      input: { table: 'account', values: { name: 'North Sea Lines', telephone1: '+49 40 123456', revenue: 1250000.5 } },
    },
    {
      name: 'A contact of an account',
      input: {
        table: 'contact',
        values: { firstname: 'Ada', lastname: 'Byron', parentcustomerid: { table: 'account', key: { accountnumber: 'A-17' } } },
      },
      note: '`parentcustomerid` may point at accounts and contacts, so it names the table.',
    },
  ],
  async run(context) {
    const { client, input, again, signal } = context
    const table = await client.tables.get(input.table)
    const body = await toWire(client, table, input.values, 'create')
    const given = body[table.primaryId]
    const id = typeof given === 'string' ? given.toLowerCase() : chosenId(context.key, 0, context.jobCreatedAt)
    if (again && (await isOurs(context, given !== undefined, id))) return { id }
    try {
      await client.api.create(table.entitySetName, { ...body, [table.primaryId]: id }, { signal })
    } catch (thrown) {
      // Any duplicate may be our own row of an earlier attempt; only a look tells.
      const duplicate = thrown instanceof ConnectorError && (thrown.code === 'duplicate_record' || thrown.status === 412)
      const ours = duplicate && (again || given === undefined) && (await isOurs(context, given !== undefined, id))
      if (!ours) throw thrown
    }
    return { id }
  },
})

/** Nobody else can have chosen our id. An id that the recipe gave may belong to an older row: then the values decide. */
async function isOurs({ client, input, signal }: Context, given: boolean, id: string): Promise<boolean> {
  const table = await client.tables.get(input.table)
  const address = addressById(table, id)
  return given
    ? alreadyThere(client, table, address, input.values, signal)
    : (await readRow(client, table, address, [table.primaryId], signal)) !== undefined
}
