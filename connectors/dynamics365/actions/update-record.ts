import { Type } from '../../../runner/connector/index.ts'
import dynamics365 from '../connection.ts'
import { idOrKey, Key, RecordId, Table, Values } from '../fields.ts'
import { alreadyThere, readRow } from '../values/already-there.ts'
import { noSuchRow, rowAddress } from '../values/key.ts'
import { toWire } from '../values/write.ts'

export default dynamics365.action({
  title: 'Update a record',
  description:
    'Changes the given columns of a row that exists. After a lost answer the row is read first: values that are already there are not written again.',
  input: Type.Object({ table: Table(), id: Type.Optional(RecordId()), key: Type.Optional(Key()), values: Values() }, idOrKey),
  output: Type.Object({ id: RecordId() }),
  effect: 'write',
  afterUnknownEffect: 'ask',
  examples: [
    {
      name: 'By id',
      input: { table: 'account', id: '5c1e0d4a-0000-4000-8000-00000000a001', values: { telephone1: '+49 40 654321', creditonhold: true } },
    },
    { name: 'By alternate key', input: { table: 'account', key: { accountnumber: 'A-17' }, values: { telephone1: null } } },
  ],
  async run({ client, input, again, signal }) {
    const table = await client.tables.get(input.table)
    const address = await rowAddress(client, table, input, signal)
    if (address === undefined) throw noSuchRow(table)
    if (again && (await alreadyThere(client, table, address, input.values, signal))) {
      return { id: input.id ?? String((await readRow(client, table, address, [table.primaryId], signal))?.[table.primaryId]) }
    }
    const body = await toWire(client, table, input.values, 'update')
    if (input.id !== undefined) {
      await client.api.update(address, body, { signal })
      return { id: input.id }
    }
    const { row } = await client.api.update(address, body, { select: [table.primaryId], signal })
    return { id: String(row?.[table.primaryId]) }
  },
})
