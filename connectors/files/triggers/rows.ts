import { OneOf, Type } from '../../../runner/connector/index.ts'
import { files } from '../connection.ts'
import { formatFields } from '../format.ts'
import { pollRows } from '../rows/poll.ts'

export const rowsInput = Type.Object(
  {
    ...formatFields,
    read: Type.Optional(
      OneOf(['new_rows', 'whole_file'], {
        title: 'What to read',
        default: 'new_rows',
        description:
          '`new_rows`: the rows appended since the last poll; a file put in the place of the old one is read from its start, and its rows that stand in the same line as before are not repeated. `whole_file`: every row, each time that the content of the file has changed.',
        markdownEnumDescriptions: ['The rows appended since the last poll.', 'Every row, each time that the content has changed.'],
      }),
    ),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        title: 'Columns',
        minItems: 1,
        uniqueItems: true,
        description: 'CSV: without a header line, the names of the cells in their order. With one, the columns that it must name.',
        examples: [['accountnumber', 'name']],
      }),
    ),
    if_missing: Type.Optional(
      OneOf(['fail', 'wait'], {
        title: 'If the file is missing',
        default: 'fail',
        description: '`fail`: a missing file is a trigger error. `wait`: it has no rows yet.',
        markdownEnumDescriptions: ['A missing file is a trigger error.', 'A missing file has no rows yet.'],
      }),
    ),
  },
  { additionalProperties: false },
)

export default files.trigger({
  title: 'Rows of a file',
  description:
    'One event per row of a CSV or JSON Lines file. `trigger.<column>` is the cell: CSV gives texts (an empty cell is null, `""` the empty text), JSON Lines any JSON value. A row that cannot be read is a trigger error that names its line; the rows before it are kept and the next poll goes on with it.',
  input: rowsInput,
  event: Type.Object({}, { additionalProperties: true, description: 'The row: cells by column name.' }),
  since: 'beginning',
  examples: [
    { name: 'Accounts that another system exports', input: { path: 'accounts.csv' } },
    {
      name: 'A nightly price list with semicolons',
      input: { path: 'prices.csv', read: 'whole_file', delimiter: ';', if_missing: 'wait' },
      note: 'Every row is an event again whenever the list has changed.',
    },
    { name: 'JSON Lines', input: { path: 'inbox/orders.jsonl' } },
    { name: 'CSV without a header line', input: { path: 'readings.csv', header: false, columns: ['meter', 'read_at', 'value'] } },
  ],
  poll: pollRows,
})
