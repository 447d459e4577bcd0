import fc from 'fast-check'
import { suite } from 'uvu'
import type { Table } from '../../../../../connectors/dynamics365/sandbox/organization/schema.ts'
import { type OperatorSpec, operators } from '../../../../../connectors/dynamics365/sandbox/query/operators.ts'
import { fuzz } from './fuzz.ts'
import { fuzzPlane, type Input, ids } from './plane.ts'
import { asAddress, damaged, hostile, joined, oneOf, sequence, usually } from './text.ts'

const test = suite('fuzzing: FetchXML')
const plane = await fuzzPlane()
const { schema } = plane.organization

/** Attributes of an element, each of them or not. */
const attributes = (known: Record<string, fc.Arbitrary<string>>) =>
  fc.subarray(Object.keys(known)).chain((names) => sequence(...names.map((name) => sequence(` ${name}="`, known[name]!, '"'))))
const flag = oneOf(['true', 'false', '1', '0'])
const whole = oneOf(['1', '2', '3', '50', '5000'])
const alias = oneOf(['a', 'b', 'total', 'o', 'account'])
const value = fc.oneof(
  fc.constantFrom('', '1', '-1.5', 'true', 'Byron', '%a_[b-', '2026-01-01', '2026-01-01T10:00:00Z', '9999-12-31', ...Object.values(ids)),
  hostile.map((text) => text.replaceAll(/[<&"]/g, '')),
)
const columnsOf = ({ columns }: Table) => oneOf([...columns.keys()])

/** A value that a column may have. */
function fitting({ columns }: Table, name: string): fc.Arbitrary<string> {
  switch (columns.get(name)?.type) {
    case 'String':
    case 'Memo':
      return value
    case 'Boolean':
      return fc.constantFrom('true', '0')
    case 'DateTime':
      return fc.constantFrom('2026-01-01', '2026-01-01T10:00:00Z', '9999-12-31T23:59:59Z', '0001-01-01', '2026-02-30')
    case 'Lookup':
    case 'Customer':
    case 'Owner':
    case 'Uniqueidentifier':
      return fc.constantFrom(...Object.values(ids))
    default:
      return fc.constantFrom('0', '1', '-1', '2147483648', '100000001', '9223372036854775808', '0.00001')
  }
}

function condition(table: Table): fc.Arbitrary<string> {
  const known = fc.constantFrom(
    ...Object.entries<OperatorSpec>(operators),
    ...(['eq', 'ne', 'gt', 'like'] as const).map((name) => [name, operators[name]] as const),
  )
  return fc.tuple(columnsOf(table), known).chain(([name, [operator, { values, takes }]]) => {
    const one =
      takes === 'count'
        ? oneOf(['1', '4', '2026', '2147483647'])
        : fc.oneof({ weight: 9, arbitrary: fitting(table, name) }, { weight: 1, arbitrary: value })
    const count = values === 'list' ? 3 : values
    const inside = sequence('>', ...Array.from({ length: count }, () => sequence('<value>', one, '</value>')), '</condition>')
    const rare = fc.oneof(attributes({ entityname: alias, valueof: columnsOf(table), uiname: value }), hostile)
    return sequence(
      `<condition attribute="${name}" operator="${operator}"`,
      fc.oneof({ weight: 15, arbitrary: fc.constant('') }, { weight: 1, arbitrary: rare }),
      count === 1 ? sequence(' value="', one, '"/>') : inside,
    )
  })
}

function filter(table: Table, depth = 0): fc.Arbitrary<string> {
  const linked = depth < 2 ? [{ weight: 1, arbitrary: later(() => link(table, depth + 1, ['any', 'not any', 'all', 'not all'])) }] : []
  const inner = depth < 2 ? [{ weight: 1, arbitrary: later(() => filter(table, depth + 1)) }] : []
  const part = fc.oneof({ weight: 4, arbitrary: condition(table) }, ...inner, ...linked)
  return sequence(
    '<filter',
    fc.oneof(fc.constant(''), sequence(' type="', oneOf(['and', 'or']), '"')),
    '>',
    joined(part, '', 3, 0),
    '</filter>',
  )
}

const column = (table: Table) =>
  sequence('<attribute name="', columnsOf(table), '"', usually('', ' alias="a"', ' alias="b"', ' alias="a b"'), '/>')
const total = (table: Table) =>
  sequence(
    ...['<attribute name="', columnsOf(table), '" alias="', oneOf(['a', 'b', 'c', 'd']), '"'],
    fc.oneof(
      sequence(' aggregate="', oneOf(['count', 'countcolumn', 'sum', 'avg', 'min', 'max']), '"', usually('', ' distinct="true"')),
      sequence(' groupby="true"', usually('', ...['day', 'week', 'fiscal-year', 'era'].map((part) => ` dategrouping="${part}"`))),
    ),
    '/>',
  )
const order = (table: Table) => sequence('<order attribute="', columnsOf(table), '"', attributes({ descending: flag }), '/>')
const totalOrder = sequence('<order alias="', oneOf(['a', 'b']), '"', attributes({ descending: flag }), '/>')

/** Made when it is needed, or there would be no end of it. */
const later = (make: () => fc.Arbitrary<string>) => fc.constant(undefined).chain(make)

function link(table: Table, depth: number, types: readonly string[]): fc.Arbitrary<string> {
  const ways = [
    ...[...table.navigations.values()].map(({ column: to, target }) => ({
      target: target === 'owner' ? 'systemuser' : target,
      to,
      from: undefined,
    })),
    ...[...table.collections.values()].map(({ table: target, lookup }) => ({ target, to: table.primaryId, from: lookup?.column })),
  ]
  if (ways.length === 0) return fc.constant('')
  return fc.constantFrom(...ways).chain(({ target, to, from }) => {
    const other = schema.tables.get(target)!
    const type = fc.oneof({ weight: 9, arbitrary: oneOf(types) }, { weight: 1, arbitrary: hostile })
    return sequence(
      ...[`<link-entity name="${target}" from="${from ?? other.primaryId}" to="${to}" link-type="`, type, '"'],
      ...[attributes({ alias, intersect: flag, visible: flag }), '>'],
      content(other, depth, !types.includes('any')),
      '</link-entity>',
    )
  })
}

const joins = ['inner', 'outer', 'exists', 'in', 'matchfirstrowusingcrossapply']

/** What stands in an entity or link-entity. */
function content(table: Table, depth: number, columns: boolean, aggregate = false): fc.Arbitrary<string> {
  const parts = [
    ...(columns ? (aggregate ? [total(table), totalOrder] : [column(table), order(table)]) : []),
    filter(table, depth),
    ...(depth < 2 ? [later(() => link(table, depth + 1, joins))] : []),
  ]
  return joined(fc.oneof(...parts), '', 4, 0)
}

const head = attributes({
  top: whole,
  count: whole,
  page: whole,
  distinct: flag,
  returntotalrecordcount: flag,
  'no-lock': flag,
  useraworderby: flag,
})
const cookies = joined(
  oneOf(['<cookie page="1">', '<name last="A" first="A"/>', '<accountid last="{1}" first=""/>', '<x lastnull="1"/>', '</cookie>']),
  '',
)
const paging = sequence(
  ' page="2" count="2" paging-cookie="',
  cookies.map((text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')),
  '"',
)
const tables = ['account', 'contact', 'hrb_vessel', 'hrb_vessel', 'hrb_log', 'hrb_port_call', 'hrb_port_call_task', 'systemuser']
const fetchXml = fc.constantFrom(...tables).chain((name) => {
  const table = schema.tables.get(name)!
  const [plain, totals] = [content(table, 0, true), content(table, 0, true, true)]
  const entity = (inside: fc.Arbitrary<string>) => sequence(`<entity name="${name}">`, inside, '</entity></fetch>')
  return fc.tuple(
    fc.constant(table.entitySetName),
    fc.oneof(
      { weight: 4, arbitrary: sequence('<fetch', head, '>', entity(plain)) },
      {
        weight: 2,
        arbitrary: sequence('<fetch aggregate="true"', attributes({ aggregatelimit: whole }), '>', entity(sequence(total(table), totals))),
      },
      { weight: 1, arbitrary: sequence('<fetch', paging, '>', entity(plain)) },
    ),
  )
})

/** Documents that readers of XML have fallen over: entities that grow, files, depth, instructions, names with colons. */
const documents = fc.constantFrom(
  '<!DOCTYPE fetch [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><fetch><entity name="&b;"/></fetch>',
  '<!DOCTYPE fetch [<!ENTITY x SYSTEM "file:///etc/passwd">]><fetch>&x;</fetch>',
  '<?xml version="1.1" encoding="utf-16"?><fetch><entity name="account"/></fetch>',
  `${'<filter>'.repeat(5_000)}`,
  `<fetch><entity name="account">${'<filter>'.repeat(60)}${'</filter>'.repeat(60)}</entity></fetch>`,
  `<fetch><entity name="account">${'<link-entity name="contact" from="contactid" to="primarycontactid">'.repeat(16)}${'</link-entity>'.repeat(16)}</entity></fetch>`,
  `<fetch><entity name="account"><filter>${'<condition attribute="name" operator="null"/>'.repeat(501)}</filter></entity></fetch>`,
  '<fetch xmlns="urn:x" x:y="1"><entity name="account"/></fetch>',
  '<fetch><entity name="account"/></fetch><fetch/>',
  '<fetch><![CDATA[<entity name="account"/>]]></fetch>',
  '<fetch __proto__="1"><entity name="__proto__"/></fetch>',
)

const queries = fc.oneof(
  { weight: 12, arbitrary: fetchXml },
  { weight: 1, arbitrary: documents.map((text) => ['accounts', text] as const) },
)
const input: fc.Arbitrary<Input> = queries
  .chain(([set, xml]) => fc.tuple(fc.constant(set), damaged(fc.constant(xml))))
  .map(([set, xml]) => ({ method: 'GET', path: asAddress(`${set}?fetchXml=${encodeURIComponent(xml.toWellFormed())}`) }))

test('every FetchXML is answered', () => fuzz(input, async (one) => (await plane.check(one)).status, 3))

test.run()
