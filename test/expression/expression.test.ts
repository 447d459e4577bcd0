import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { absent, compileExpression, compileTemplate, ExpressionError, findExpressions, functions } from '../../runner/expression/index.ts'

const test = suite('expression')
const scope = { trigger: {}, steps: {}, job: {} }
const data = {
  trigger: { name: 'Petrel', n: 3, none: null, list: [1, 2], deep: { a: { b: 'x' } }, long: JSON.parse('1') },
  job: { started_at: '2031-05-01T08:00:00Z' },
}

function value(source: string): unknown {
  const { expression, problems } = compileExpression(source, { scope })
  assert.equal(problems, [], source)
  return expression?.evaluate(data)
}

for (const [source, expected] of [
  ['trigger.n + 1', 4],
  ['trigger.n / 2', 1.5],
  ['trigger.n == 3 && trigger.name.startsWith("P")', true],
  ['trigger.none == null', true],
  ['trigger.name == null', false],
  ['trigger.?missing', absent],
  ['trigger.?missing.orValue("d")', 'd'],
  ['trigger.list.map(x, x * 2)', [2, 4]],
  ['{"a": trigger.?missing, "b": trigger.none}', { b: null }],
  ['trigger.deep', { a: { b: 'x' } }],
  ['trigger["name"]', 'Petrel'],
] as const) {
  test(`${source}`, () => assert.equal(value(source), expected))
}

for (const { name, examples } of functions) {
  for (const [source, expected] of examples) test(`${name}: ${source}`, () => assert.equal(value(source), expected))
}

for (const [source, code, start, end] of [
  ['trigger.', 'expression_syntax', 7, 9],
  ['nope.x', 'expression_unknown_name', 0, 4],
  ['nosuch(1)', 'expression_unknown_function', 0, 6],
  ['closed.zz', 'expression_unknown_field', 7, 9],
  ['closed.maybe', 'expression_maybe_absent', 7, 12],
  ['closed.?zz', 'expression_unknown_field', 8, 10],
  ['1/2', 'whole_division', 0, 3],
  ['[1].map(a, [1].map(b, [1].map(c, [1].map(d, d))))', 'expression_nesting', undefined, undefined],
] as const) {
  test(`problem: ${source}`, () => {
    const closed = { type: 'object', properties: { ok: {}, maybe: {} }, required: ['ok'], additionalProperties: false }
    const { problems } = compileExpression(source, { scope: { ...scope, closed } })
    assert.is(problems[0]?.code, code)
    if (start !== undefined && code !== 'expression_syntax') assert.equal([problems[0]?.start, problems[0]?.end], [start, end])
  })
}

test('a condition must be one', () => {
  assert.is(compileExpression('1 + 1', { scope, expect: 'boolean' }).problems[0]?.code, 'expression_not_boolean')
  assert.is(compileExpression('trigger.x', { scope, expect: 'boolean' }).problems.length, 0)
})

test('null where a value is needed names the field', () => {
  try {
    value('trigger.none + 1')
    assert.unreachable()
  } catch (error) {
    assert.instance(error, ExpressionError)
    assert.is((error as ExpressionError).code, 'expression_null')
    assert.match((error as ExpressionError).message, 'trigger.none')
  }
})

test('a missing field is an error that says how to read it', () => {
  assert.throws(() => value('trigger.missing'), /\.\?missing/)
})

test('hostile regular expressions and loops are stopped', () => {
  const { expression } = compileExpression('trigger.text.matches("^(a+)+$")', { scope })
  assert.throws(() => expression?.evaluate({ trigger: { text: `${'a'.repeat(40)}!` } }), /stopped/)
})

const render = (tree: unknown, schema = {}) => compileTemplate(tree, { scope: { ...scope, row: {} }, schema }).template.render(data)

test('a text that is nothing but an expression keeps the type; inside longer text null is empty', () => {
  assert.equal(
    render({
      a: '${{ trigger.n }}',
      b: ' ${{ trigger.list }} ',
      c: '<${{ trigger.none }}>${{ trigger.n }}',
      d: '$${{ no }}',
      e: '${{ trigger.?missing }}',
      f: [1, '${{ trigger.?missing }}', true],
    }),
    {
      a: 3,
      b: [1, 2],
      c: '<>3',
      d: '${{ no }}',
      f: [1, true],
    },
  )
})

test('braces and quotes inside an expression do not end it', () => {
  assert.equal(render('${{ {"a": "}}", "b": {"c": 1}} }}'), { a: '}}', b: { c: 1 } })
  assert.is(findExpressions('x ${{ "').problems[0]?.code, 'expression_unterminated')
})

test('a field rendered per row becomes a function', () => {
  const schema = { properties: { rows: {}, as: { 'x-row-name': true }, values: { 'x-per-row': 'rows' } } }
  const { template, problems } = compileTemplate(
    { rows: '${{ trigger.list }}', as: 'line', values: { n: '${{ line + 1 }}', at: '${{ turn.index }}' } },
    { scope, schema },
  )
  assert.equal(problems, [])
  const input = template.render(data) as { values: (row: unknown, index: number) => unknown }
  assert.equal(input.values(41, 7), { n: 42, at: 7 })
})

test('a filter gets literals, whatever the values hold', () => {
  const filter = { properties: { filter: { 'x-template': 'odata' } } }
  const one = (text: string, name: unknown) =>
    (compileTemplate({ filter: text }, { scope, schema: filter }).template.render({ trigger: { name } }) as { filter: string }).filter
  assert.is(one('name eq ${{ trigger.name }}', "O'Neil"), "name eq 'O''Neil'")
  assert.is(one('n eq ${{ trigger.name }}', 3), 'n eq 3')
  assert.is(one('id eq ${{ trigger.name }}', '0f0e7a10-0000-4000-8000-000000000001'), 'id eq 0f0e7a10-0000-4000-8000-000000000001')
  assert.is(
    compileTemplate({ filter: "name eq '${{ trigger.name }}'" }, { scope, schema: filter }).problems[0]?.code,
    'filter_quoted_expression',
  )
  fc.assert(
    fc.property(fc.string(), (text) => {
      const rendered = one('name eq ${{ trigger.name }} and x', text)
      // Outside of quotes there is only what the author wrote.
      assert.is(rendered.replaceAll(/'(?:[^']|'')*'/g, 'Q').replace(/^name eq \S+ and x$/, 'same'), 'same')
    }),
  )
})

test('a tree without expressions comes back as it is', () => {
  fc.assert(
    fc.property(
      fc.jsonValue().filter((tree) => !JSON.stringify(tree).includes('${{') && !JSON.stringify(tree).includes('__proto__')),
      (tree) => assert.equal(render(tree), tree),
    ),
  )
})

test.run()
