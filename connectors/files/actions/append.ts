import { Type } from '../../../runner/connector/index.ts'
import { appendRows } from '../append/append-rows.ts'
import { files } from '../connection.ts'
import { formatFields } from '../format.ts'

const rowFields = {
  title: 'Row',
  description: 'One row: values by column. In CSV null is an empty cell, and a list or mapping is written as JSON.',
}

export const appendInput = Type.Object(
  {
    ...formatFields,
    row: Type.Optional(Type.Record(Type.String(), Type.Unknown(), rowFields)),
    rows: Type.Optional(
      Type.Array(Type.Record(Type.String(), Type.Unknown(), rowFields), {
        title: 'Rows',
        description: 'Several rows, written in one go. Give either `row` or `rows`.',
      }),
    ),
    columns: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        title: 'Columns',
        minItems: 1,
        uniqueItems: true,
        description:
          'CSV: the columns in their order. By default those of the header line that is there; in a new file those of the rows, as they come.',
        examples: [['number', 'name']],
      }),
    ),
  },
  {
    additionalProperties: false,
    if: { required: ['rows'] },
    then: { properties: { row: false } },
    else: { required: ['row'] },
  },
)

export default files.action({
  title: 'Append rows to a file',
  description:
    'Adds rows to the end of a CSV or JSON Lines file, once even when the step is repeated after a crash, and makes sure that they are on disk. The file and its folders are made when they are not there, a new CSV file with a header line. Two runner processes must not append to one file at the same time.',
  input: appendInput,
  output: Type.Object(
    {
      path: Type.String({ description: 'The file, as the recipe names it.' }),
      rows: Type.Integer({ description: 'How many rows were written.' }),
      offset: Type.Integer({ description: 'Where in the file they begin, in bytes.' }),
    },
    { additionalProperties: false },
  ),
  effect: 'write',
  afterUnknownEffect: 'ask',
  examples: [
    {
      name: 'One line per account',
      input: {
        path: 'out/accounts.csv',
        columns: ['number', 'name'],
        row: { number: '${{ trigger.accountnumber }}', name: '${{ trigger.name }}' },
      },
    },
    { name: 'The whole record as JSON', input: { path: 'out/changes.jsonl', row: { id: '${{ event.id }}', record: '${{ trigger }}' } } },
    {
      name: 'All lines of an order',
      input: { path: 'out/lines.csv', rows: '${{ steps.order.lines }}' },
      note: 'The columns are those of the lines.',
    },
  ],
  run: appendRows,
})
