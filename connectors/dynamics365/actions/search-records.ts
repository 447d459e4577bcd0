import { type JsonObject, ODataFilter, Type } from '../../../runner/connector/index.ts'
import dynamics365 from '../connection.ts'
import { AnyRow, Columns, Table as TableField } from '../fields.ts'
import { columnOf, propertyOf, selectOf } from '../metadata/column.ts'
import type { Table } from '../metadata/table.ts'
import { fromWire, withLabels } from '../values/read.ts'
import { withQuery } from '../webapi/odata.ts'

const pageSize = 1_000

export default dynamics365.action({
  title: 'Search records',
  description: 'Reads all rows that match, page by page. Give `limit` where a table may be large: the result is kept with the job.',
  input: Type.Object(
    {
      table: TableField(),
      columns: Type.Optional(Columns()),
      filter: Type.Optional(
        ODataFilter({
          minLength: 1,
          title: 'Filter',
          description:
            'OData `$filter`. An expression in it becomes a literal, quotes included, so none are written around it. A lookup is named `_x_value`.',
          examples: ['statecode eq 0 and revenue gt 100000'],
        }),
      ),
      order_by: Type.Optional(
        Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]*( (asc|desc))?$' }), {
          minItems: 1,
          title: 'Order by',
          description: 'Columns, each with `asc` (default) or `desc`. The primary key is added, so that pages do not overlap.',
          examples: [['createdon desc', 'name']],
        }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, title: 'Limit', description: 'Most rows to read; all when left out.', examples: [500] }),
      ),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    records: Type.Array(AnyRow(), { description: 'The rows, by column name.' }),
    count: Type.Integer({ description: 'How many rows were read.' }),
  }),
  effect: 'read',
  afterUnknownEffect: 'repeat',
  examples: [
    {
      name: 'Active accounts by name',
      input: { table: 'account', columns: ['name', 'accountnumber'], filter: 'statecode eq 0', order_by: ['name'], limit: 100 },
    },
    { name: 'Contacts of a last name', input: { table: 'contact', columns: ['fullname', 'emailaddress1'], filter: "lastname eq 'Byron'" } },
  ],
  async run({ client, input, signal }) {
    const table = await client.tables.get(input.table)
    const limit = input.limit ?? Number.POSITIVE_INFINITY
    const url = withQuery(table.entitySetName, {
      $select: selectOf(table, input.columns),
      $filter: input.filter,
      $orderby: orderBy(table, input.order_by),
    })
    const records: JsonObject[] = []
    // `$top` would switch paging off, so the size of the page does its work.
    for await (const { rows } of client.api.pages(url, {
      prefer: [withLabels, `odata.maxpagesize=${Math.min(limit, pageSize)}`],
      signal,
    })) {
      for (const row of rows) if (records.length < limit) records.push(fromWire(table, row, input.columns).record)
      if (records.length >= limit) break
    }
    return { records, count: records.length }
  },
})

function orderBy(table: Table, columns: readonly string[] | undefined): string | undefined {
  if (!columns) return undefined
  const terms = columns.map((term) => {
    const [name = '', direction] = term.split(' ')
    return `${propertyOf(columnOf(table, name))}${direction ? ` ${direction}` : ''}`
  })
  return columns.some((term) => term.split(' ')[0] === table.primaryId) ? terms.join(',') : [...terms, table.primaryId].join(',')
}
