import fc from 'fast-check'
import type { Schema, Table } from '../../../../../connectors/dynamics365/sandbox/organization/schema.ts'
import { ids } from './plane.ts'
import { hostile, joined, oneOf, sequence } from './text.ts'

/** Texts with halves of characters stay as they are: JSON may hold them, as escapes and raw. */
const quote = (text: string) => JSON.stringify(text)
const text = fc.oneof(
  hostile.map(quote),
  fc
    .constantFrom(
      'a',
      'MV Petrel',
      '1,2',
      '2026-01-01',
      '2026-01-01T10:00:00.1234567Z',
      '2026-02-30',
      'iVBORw0KGgo=',
      ...Object.values(ids),
    )
    .map(quote),
  fc.constantFrom(`"\\ud800"`, `"\\u0000"`, `"\ud800"`, '"a\\nb"', `"${'ä'.repeat(3_000)}"`, `"$1"`, `"/$1"`),
)
const number = fc.oneof(
  fc.constantFrom('0', '-0', '1', '-1', '1.0', '1e400', '1E2', '0.1000000000000000055511151231257827', '9223372036854775808', '1e-7'),
  fc.constantFrom('100000001', '2147483648', '99999999999.9999999999', `${'9'.repeat(400)}`, '12345678901234567.25', '100000002'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
)
const address = fc.oneof(
  sequence(
    '"',
    oneOf(['/', '', 'http://sandbox.example/api/data/v9.2/', 'http://other.example/']),
    oneOf(['accounts', 'contacts', 'hrb_vessels']),
    '(',
    fc.constantFrom(...Object.values(ids), "accountnumber='A1'", "hrb_imo='9074729'", ''),
    ')"',
  ),
  fc.constantFrom('"$1"', '"systemusers"', '"/"', '"accounts(1)/name"', '"hrb_vessels(hrb_imo=\'1\')/hrb_Operator"'),
)

/** Any value: of a fitting type, of another one, or none. */
export const value: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { weight: 4, arbitrary: text },
    { weight: 4, arbitrary: number },
    { weight: 2, arbitrary: fc.constantFrom('true', 'false', 'null', '{}', '[]') },
    { weight: 2, arbitrary: address },
    { weight: 1, arbitrary: sequence('[', joined(tie('value'), ',', 3, 0), ']') },
    { weight: 1, arbitrary: sequence('{', joined(sequence(hostile.map(quote), ':', tie('value')), ',', 3, 0), '}') },
  ),
})).value

/** A value that a column may take. */
function fitting(table: Table, name: string): fc.Arbitrary<string> {
  switch (table.properties.get(name)?.type) {
    case 'String':
    case 'Memo':
      return fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom('"a"', '""', '"İß\\ud800"', 'null', '"1,2"') },
        { weight: 1, arbitrary: text },
      )
    case 'Boolean':
      return fc.constantFrom('true', 'false', 'null')
    case 'Integer':
    case 'Decimal':
    case 'Double':
    case 'Money':
    case 'BigInt':
      return fc.oneof({ weight: 3, arbitrary: fc.constantFrom('0', '1', '1.5', 'null') }, { weight: 1, arbitrary: number })
    case 'Picklist':
    case 'State':
    case 'Status':
      return fc.constantFrom('0', '1', '2', '100000001', 'null')
    case 'DateTime':
      return fc.constantFrom('"2026-01-01"', '"2026-01-01T10:00:00Z"', '"2026-01-01T10:00:00+25:00"', 'null')
    case 'Uniqueidentifier':
      return fc.constantFrom(...Object.values(ids).map(quote))
    default:
      return value
  }
}

/** A row of a table as a request holds it; rows in it nest up to three deep. */
export function row(schema: Schema, table: Table, depth = 0): fc.Arbitrary<string> {
  const column = oneOf([...table.properties.keys()]).chain((name) =>
    sequence(quote(name), ':', fc.oneof({ weight: 9, arbitrary: fitting(table, name) }, { weight: 1, arbitrary: value })),
  )
  const targets = [
    ...[...table.navigations.values()].map(({ navigation, target }) => ({
      name: navigation,
      target: target === 'owner' ? 'systemuser' : target,
      many: false,
    })),
    ...[...table.collections.values()].map((one) => ({ name: one.name, target: one.table, many: true })),
  ]
  const relations =
    targets.length === 0
      ? column
      : fc.constantFrom(...targets).chain(({ name, target, many }) => {
          const bound = fc.oneof(address, sequence('[', joined(address, ',', 2, 0), ']'), value)
          const bind = sequence(quote(`${name}@odata.bind`), ':', bound)
          if (depth === 3) return bind
          const nested = row(schema, schema.tables.get(target)!, depth + 1)
          const rows = sequence('[', joined(nested, ',', 2, 0), ']')
          return fc.oneof(bind, sequence(quote(name), ':', many ? rows : nested), sequence(quote(name), ':', value))
        })
  const annotation = sequence(
    fc.constantFrom('"@odata.type":', '"@odata.id":', '"@odata.etag":', '"x@odata.type":', '"@":', '"__proto__":'),
    fc.oneof(value, fc.constant(quote(`Microsoft.Dynamics.CRM.${table.logicalName}`))),
  )
  const member = fc.oneof({ weight: 6, arbitrary: column }, { weight: 2, arbitrary: relations }, { weight: 1, arbitrary: annotation })
  return sequence('{', joined(member, ',', 5, 0), '}')
}
