import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileExpression, compileTemplate, ExpressionError, findExpressions } from '../../runner/expression/index.ts'

const test = suite('hostile input')
const scope = { trigger: {}, job: {} }
const evil = `${'a'.repeat(40)}!`
const many = Array.from({ length: 50_000 }, (_, index) => index)

for (const [source, trigger] of [
  ['trigger.text.matches("^(a+)+$")', { text: evil }],
  ['trigger.text.find("^(a+)+$")', { text: evil }],
  ['trigger.many.exists(a, trigger.many.exists(b, a + b == -1))', { many }],
  ['trigger.many.filter(a, !(a + 0.5 in trigger.many)).map(a, a in trigger.many)', { many }],
  ['trigger.many.map(a, sum(trigger.many))', { many }],
  // The part that is asked for the null is not computed again without the guard.
  ['trigger.text.find("^(a+)+$") + trigger.none', { text: evil, none: null }],
] as const) {
  test(`stopped: ${source}`, () => {
    const { expression } = compileExpression(source, { scope })
    const started = performance.now()
    assert.throws(
      () => expression!.evaluate({ trigger }),
      (error: ExpressionError) => error.code === 'expression_failed' && /stopped/.test(error.message) && error.source === source,
    )
    // Far above the limit of 100 ms, far below what any of these would take.
    assert.ok(performance.now() - started < 5_000)
  })
}

for (const source of [
  '!'.repeat(19_000),
  `${'-'.repeat(19_000)}1`,
  `1${'+1'.repeat(9_000)}`,
  '('.repeat(9_000),
  '['.repeat(9_000),
  `a${'.b'.repeat(9_000)}`,
  'x'.repeat(30_000),
]) {
  test(`refused: ${source.slice(0, 8)}… of ${source.length}`, () => {
    const { expression, problems } = compileExpression(source, { scope: { a: {}, x: {} } })
    assert.is(expression, undefined)
    assert.is(problems[0]?.code, 'expression_syntax')
  })
}

test('prototypes are out of reach', () => {
  for (const source of [
    'trigger.constructor',
    'trigger["__proto__"]',
    'trigger.a.toString',
    '"".constructor',
    '[].constructor',
    'trigger.?constructor.orValue(1) == 1',
  ]) {
    const { expression } = compileExpression(source, { scope })
    let value: unknown
    try {
      value = expression?.evaluate({ trigger: { a: {} } })
    } catch (error) {
      assert.instance(error, ExpressionError)
    }
    assert.ok(value === undefined || value === true, source)
  }
})

test('any text compiles or gives problems, and never throws anything else', () => {
  const token = fc.constantFrom(
    'trigger',
    '.',
    '?',
    'a',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '"',
    "'",
    '1',
    '1.5',
    '+',
    '/',
    '==',
    '&&',
    '!',
    ' ',
    'map',
    'x',
    'null',
    'has',
    'cel.bind',
    '\\',
    '\n',
    '//',
    'r"',
    'é',
    '\ud800',
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 25 }), (tokens) => {
      const source = tokens.join('')
      const { expression, problems } = compileExpression(source, { scope })
      assert.is(expression === undefined, problems.length > 0)
      for (const { start = 0, end = 0 } of problems)
        assert.ok(start >= 0 && end >= start && end <= source.length + 1, `${start}-${end} in ${source}`)
      try {
        expression?.evaluate({ trigger: { a: [1, null, 'x'] } })
      } catch (error) {
        assert.instance(error, ExpressionError)
      }
    }),
    { numRuns: 3_000 },
  )
})

test('every text is split into parts that make it up again', () => {
  const piece = fc.constantFrom('${{', '}}', '$', '{', '}', '"', "'", '"""', '\\', '\n', 'a', ' ', '//')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('')
      const { parts, problems } = findExpressions(text)
      for (const part of parts) if (typeof part !== 'string') assert.is(text.slice(part.start, part.end), part.source)
      if (!text.includes('${{')) assert.is(parts.join(''), text)
      for (const { start, end } of problems) assert.ok(text.slice(start, end).startsWith('${{'))
    }),
    { numRuns: 3_000 },
  )
})

test('a text of many openers is split in one go', () => {
  const started = performance.now()
  findExpressions('${{ a }} ${{ "'.repeat(50_000))
  assert.ok(performance.now() - started < 2_000)
})

test('a field named __proto__ stays a field', () => {
  const tree = JSON.parse('{"__proto__":{"a":"${{ trigger.n }}"}}') as unknown
  const rendered = compileTemplate(tree, { scope }).template.render({ trigger: { n: 1 } })
  assert.is(JSON.stringify(rendered), '{"__proto__":{"a":1}}')
  assert.is(Object.getPrototypeOf(rendered), Object.prototype)
})

test.run()
