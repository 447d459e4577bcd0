import { ConnectorError, Type } from '../../../runner/connector/index.ts'
import dynamics365 from '../connection.ts'
import { idOrKey, Key, RecordId, Table } from '../fields.ts'
import { noSuchRow, rowAddress } from '../values/key.ts'

export default dynamics365.action({
  title: 'Delete a record',
  description: 'Deletes a row that exists. After a lost answer, a row that is gone counts as deleted.',
  input: Type.Object({ table: Table(), id: Type.Optional(RecordId()), key: Type.Optional(Key()) }, idOrKey),
  output: Type.Object({ deleted: Type.Boolean({ description: 'True: a row that cannot be deleted is an error.' }) }),
  effect: 'write',
  afterUnknownEffect: 'ask',
  examples: [{ name: 'By alternate key', input: { table: 'account', key: { accountnumber: 'A-17' } } }],
  async run({ client, input, again, signal }) {
    const table = await client.tables.get(input.table)
    try {
      const address = await rowAddress(client, table, input, signal)
      if (address === undefined) throw noSuchRow(table)
      await client.api.delete(address, { signal })
    } catch (thrown) {
      const gone = thrown instanceof ConnectorError && thrown.code === 'record_not_found'
      if (!(gone && again)) throw thrown
    }
    return { deleted: true }
  },
})
