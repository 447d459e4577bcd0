import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { absent, compileTemplate, findExpressions, type JsonSchema } from '../../runner/expression/index.ts'

const test = suite('templates')
const filterSchema = { properties: { filter: { 'x-template': 'odata' } } }

function filter(text: string, trigger: unknown): unknown {
  const { template, problems } = compileTemplate({ filter: text }, { scope: { trigger: {} }, schema: filterSchema })
  assert.equal(problems, [])
  return (template.render({ trigger }) as { filter: string }).filter
}

function problemsOf(tree: unknown, schema: JsonSchema = {}, scope: Record<string, JsonSchema> = { trigger: {} }) {
  return compileTemplate(tree, { scope, schema }).problems
}

for (const [text, ...sources] of [
  ['${{ a }}', 'a'],
  ['${{ "}}" }} and ${{ r\'}}\' }}', '"}}"', "r'}}'"],
  ['${{ """ " }} """ }}', '""" " }} """'],
  ['${{ {"a": {"b": 1}} }}', '{"a": {"b": 1}}'],
  ['${{ "\\"}}" }}', '"\\"}}"'],
  ['${{ a // }} not yet\n + b }}', 'a // }} not yet\n + b'],
  ['$${{ a }} ${{ b }}', 'b'],
  ['a }} b', ...[]],
] as const) {
  test(`finds in ${text}`, () => {
    const { parts, problems } = findExpressions(text)
    assert.equal(problems, [])
    assert.equal(
      parts.flatMap((part) => (typeof part === 'string' ? [] : part.source)),
      sources,
    )
  })
}

for (const [value, literal] of [
  ["O'Neil", "'O''Neil'"],
  ["' or 1 eq 1 or '", "''' or 1 eq 1 or '''"],
  [3.5, '3.5'],
  [true, 'true'],
  [null, 'null'],
  ['0f0e7a10-0000-4000-8000-000000000001', '0f0e7a10-0000-4000-8000-000000000001'],
  ['2031-05-01T08:00:00Z', '2031-05-01T08:00:00Z'],
  ['2031-05-01', '2031-05-01'],
  ['2031-13-01', "'2031-13-01'"],
  ['2031-05-01T08:00:00', "'2031-05-01T08:00:00'"],
] as const) {
  test(`in a filter ${JSON.stringify(value)} is ${literal}`, () =>
    assert.is(filter('a eq ${{ trigger.x }}', { x: value }), `a eq ${literal}`))
}

test('string() makes quoted text of whatever looks like a GUID or a date', () => {
  assert.is(filter('a eq ${{ string(trigger.x) }}', { x: '2031-05-01' }), "a eq '2031-05-01'")
})

test("a list goes only where Dataverse's query functions take one", () => {
  const text = "Microsoft.Dynamics.CRM.In(PropertyName='a',PropertyValues=${{ trigger.x }})"
  assert.is(
    filter(text, { x: ['a"b', "c'd", 5] }),
    'Microsoft.Dynamics.CRM.In(PropertyName=\'a\',PropertyValues=["a\\"b","c\\u0027d","5"])',
  )
  assert.throws(() => filter('a eq ${{ trigger.x }}', { x: [1] }), /a list/)
  assert.throws(() => filter('a eq ${{ trigger.?gone }}', {}), /cannot stand in a filter/)
})

for (const [text, code] of [
  ["name eq '${{ trigger.x }}'", 'filter_quoted_expression'],
  ["contains(name, 'a ${{ trigger.x }} b')", 'filter_quoted_expression'],
  ['a eq 1${{ trigger.x }}', 'filter_joined_expression'],
  ['a eq ${{ trigger.x }}0', 'filter_joined_expression'],
  ["a eq 'x'${{ trigger.x }}", 'filter_joined_expression'],
  ['a eq -${{ trigger.x }}', 'filter_joined_expression'],
  [' ${{ trigger.x }} ', 'filter_whole_expression'],
] as const) {
  test(`${text} is refused`, () => assert.is(problemsOf({ filter: text }, filterSchema)[0]?.code, code))
}

test('two expressions side by side in a filter are refused: their quotes would close into one text', () => {
  const codes = problemsOf({ filter: 'a eq ${{ trigger.x }}${{ trigger.y }}' }, filterSchema).map(({ code }) => code)
  assert.equal(codes, ['filter_joined_expression', 'filter_joined_expression'])
})

/** What an OData parser would see: texts, words and numbers, signs. */
const tokens = (text: string) => text.match(/'(?:[^']|'')*'|[\w.:+-]+|[^\s]/g)?.length

test('no value changes the number of tokens of a filter', () => {
  const text = "(a eq ${{ trigger.x }} or contains(b,${{ trigger.y }})) and c ne 'it''s'"
  const expected = tokens(text.replaceAll(/\$\{\{.*?\}\}/g, 'v'))
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom("'", '"', ' ', ')', '(', ',', 'a', '1', '\\', '%', '&', '\n', '-', 'é') }),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  )
  fc.assert(
    fc.property(value, value, (x, y) => assert.is(tokens(String(filter(text, { x, y }))), expected)),
    { numRuns: 1_000 },
  )
})

test('problems carry the path in the tree and offsets into the text there', () => {
  const text = 'Dear ${{ trigger.nam }},'
  const tree = { values: { lines: ['fine', { greeting: text }] } }
  const closed = { type: 'object', properties: { name: {} }, additionalProperties: false }
  const [problem, ...others] = problemsOf(tree, {}, { trigger: closed })
  assert.equal(others, [])
  assert.equal(problem?.path, ['values', 'lines', 1, 'greeting'])
  assert.is(text.slice(problem?.start, problem?.end), 'nam')
})

test('an expression in a key is refused', () => {
  assert.is(problemsOf({ '${{ trigger.x }}': 1 })[0]?.code, 'expression_in_key')
})

test('an absent value leaves out its key, its element, or everything', () => {
  const render = (tree: unknown) => compileTemplate(tree, { scope: { trigger: {} } }).template.render({ trigger: {} })
  assert.equal(render({ a: { b: '${{ trigger.?x }}' }, c: ['${{ trigger.?x }}'] }), { a: {}, c: [] })
  assert.is(render('${{ trigger.?x }}'), absent)
  assert.throws(() => render('a ${{ trigger.?x }}'), /orValue/)
})

const perRow = {
  properties: { rows: {}, as: { 'x-row-name': true }, values: { 'x-per-row': 'rows', properties: { where: { 'x-template': 'odata' } } } },
}

test('the fields of a row are known where those of its list are', () => {
  const batch = {
    type: 'object',
    properties: { records: { type: 'array', items: { type: 'object', properties: { name: {} }, additionalProperties: false } } },
  }
  const tree = { values: { n: '${{ row.nam }}' }, rows: '${{ batch.records }}' }
  const [problem] = problemsOf(tree, perRow, { batch })
  assert.is(problem?.code, 'expression_unknown_field')
  assert.equal(problem?.path, ['values', 'n'])
})

test('each row gets its own values, also when rendered after others', () => {
  const tree = {
    as: 'line',
    rows: '${{ trigger.rows }}',
    values: { n: '${{ line.n }}', first: '${{ turn.first }}', where: 'n eq ${{ line.n }}', fixed: 1, gone: '${{ line.?x }}' },
  }
  const { template, problems } = compileTemplate(tree, { scope: { trigger: {} }, schema: perRow })
  assert.equal(problems, [])
  const { values } = template.render({ trigger: { rows: [] } }) as { values: (row: unknown, index: number) => unknown }
  assert.equal(
    [{ n: 'a' }, { n: "b'" }].map((row, index) => values(row, index)),
    [
      { n: 'a', first: true, where: "n eq 'a'", fixed: 1 },
      { n: "b'", first: false, where: "n eq 'b'''", fixed: 1 },
    ],
  )
})

test("a row's name is a plain name", () => {
  for (const as of ['${{ trigger.x }}', 'Row', '1st', 'a-b', 'list', 5]) {
    assert.is(problemsOf({ as, rows: [], values: {} }, perRow)[0]?.code, 'expression_row_name', String(as))
  }
})

test.run()
