import { Nullable, Type } from '../../../runner/connector/index.ts'
import dynamics365 from '../connection.ts'
import { AnyRow, Columns, idOrKey, Key, RecordId, Table } from '../fields.ts'
import { readRow } from '../values/already-there.ts'
import { noSuchRow, rowAddress } from '../values/key.ts'
import { fromWire } from '../values/read.ts'

export default dynamics365.action({
  title: 'Get a record',
  description: 'Reads one row by id or alternate key. Lookups come as `{ table, id, name }`.',
  input: Type.Object(
    {
      table: Table(),
      id: Type.Optional(RecordId()),
      key: Type.Optional(Key()),
      columns: Type.Optional(Columns()),
      if_missing: Type.Optional(
        // Null rather than the text `null`: that is what YAML makes of the word.
        Type.Unsafe<'fail' | null>({
          enum: ['fail', null],
          default: 'fail',
          title: 'If missing',
          description: 'What happens when there is no such row: the step fails, or its result is null.',
          examples: [null],
        }),
      ),
    },
    idOrKey,
  ),
  output: Nullable(AnyRow({ description: 'The row by column name, or null when it is missing and `if_missing` is `null`.' })),
  effect: 'read',
  afterUnknownEffect: 'repeat',
  examples: [
    {
      name: 'By id',
      input: { table: 'account', id: '5c1e0d4a-0000-4000-8000-00000000a001', columns: ['name', 'accountnumber', 'primarycontactid'] },
    },
    {
      name: 'By alternate key, if it exists',
      input: { table: 'account', key: { accountnumber: 'A-99' }, columns: ['name'], if_missing: null },
    },
  ],
  async run({ client, input, signal }) {
    const table = await client.tables.get(input.table)
    const address = await rowAddress(client, table, input, signal)
    const row = address === undefined ? undefined : await readRow(client, table, address, input.columns, signal)
    if (row) return fromWire(table, row, input.columns).record
    if (input.if_missing === null) return null
    throw noSuchRow(table)
  },
})
