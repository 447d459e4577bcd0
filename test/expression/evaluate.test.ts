import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { absent, compileExpression, ExpressionError } from '../../runner/expression/index.ts'

const test = suite('what an expression yields when it runs')
const exact = (digits: string) => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits)
const data = {
  trigger: {
    n: 5,
    name: 'Petrel',
    none: null,
    account: { id: 'a' },
    lines: [{ n: 1 }, { n: null }],
    big: exact('12345678901234567890'),
    fine: exact('1.23456789012345678'),
  },
  job: { started_at: '2031-05-01T08:00:00Z' },
}
const scope = { trigger: {}, job: {} }

function compiled(source: string, expect: 'any' | 'boolean' = 'any') {
  const { expression, problems } = compileExpression(source, { scope, expect })
  assert.equal(problems, [], source)
  return expression!
}

for (const [source, text] of [
  ['trigger.big', '12345678901234567890'],
  ['[trigger.fine]', '[1.23456789012345678]'],
  ['trigger.big + 1', '12345678901234567891'],
  ['trigger.big == 12345678901234567890', 'true'],
  ['trigger.big == 12345678901234567891', 'false'],
  ['trigger.big > 5 && 5 < trigger.big', 'true'],
  ['trigger.fine * 2', '2.4691357802469134'],
  ['string(trigger.big)', '"12345678901234567890"'],
  ['int(trigger.big) - 1', undefined],
  ['round(trigger.fine, 2)', '1.23'],
  ['trigger.account == 5', 'false'],
  ['9007199254740993', '9007199254740993'],
  ['trigger.n == 5 ? "a" : null', '"a"'],
  ['trigger.n == 6 ? "a" : (trigger.n == 7 ? 1 : [true])', '[true]'],
  ['trigger.n % 3', '2'],
  ['trigger.none == "a"', 'false'],
  ['trigger.n in [4, 5]', 'true'],
  ['[trigger.?x, trigger.n]', '[5]'],
  ['date("2031-05-01") + duration("90m")', '"2031-05-01T01:30:00Z"'],
] as const) {
  if (text !== undefined) test(source, () => assert.is(JSON.stringify(compiled(source).evaluate(data)), text))
  else test(source, () => assert.throws(() => compiled(source).evaluate(data), /overflow/))
}

for (const [source, code, mentioned] of [
  ['trigger.none + 1', 'expression_null', '`trigger.none`'],
  ['1 < trigger.none', 'expression_null', '`trigger.none`'],
  ['trigger.none.id', 'expression_null', '`trigger.none`'],
  ['trigger.none.lower()', 'expression_null', '`trigger.none`'],
  ['round(trigger.none)', 'expression_null', '`trigger.none`'],
  ['trigger.none ? 1 : 2', 'expression_null', '`trigger.none`'],
  ['!trigger.none', 'expression_null', '`trigger.none`'],
  ['trigger.none.map(x, x)', 'expression_null', '`trigger.none`'],
  ['trigger.lines.map(line, line.n + 1)', 'expression_null', '`line.n`'],
  ['sum(trigger.lines.map(line, line.n))', 'expression_failed', 'element 1'],
  ['trigger.account.name', 'expression_failed', '`.?name`'],
  ['trigger.n / 0', 'expression_failed', 'divided by zero'],
  ['nobody.x', 'expression_failed', '`nobody`'],
  ['b"abc"', 'expression_failed', 'bytes'],
  ['date("2031-02-30")', 'expression_failed', 'ISO 8601'],
  ['date("2031-05-01T10:00:00")', 'expression_failed', 'offset'],
  ['format(now(), "QQ")', 'expression_failed', '`QQ`'],
  ['in_timezone(now(), "Mars/Olympus")', 'expression_failed', 'IANA'],
] as const) {
  test(`fails: ${source}`, () => {
    const { expression } = compileExpression(source, { scope: { ...scope, nobody: {} } })
    try {
      expression!.evaluate(data)
    } catch (error) {
      assert.instance(error, ExpressionError)
      assert.is((error as ExpressionError).code, code)
      assert.is((error as ExpressionError).source, source)
      assert.match((error as ExpressionError).message, mentioned)
      return
    }
    assert.unreachable()
  })
}

test('a condition that comes out as something else is an error, not false', () => {
  assert.throws(
    () => compiled('trigger.none', 'boolean').evaluate(data),
    (error: ExpressionError) => error.code === 'expression_null',
  )
  assert.throws(
    () => compiled('trigger.name', 'boolean').evaluate(data),
    (error: ExpressionError) => error.code === 'expression_failed',
  )
  assert.is(compiled('trigger.name == "Petrel"', 'boolean').evaluate(data), true)
})

test('data that is only read is not copied', () => {
  assert.is(compiled('trigger.account').evaluate(data), data.trigger.account)
  assert.is(compiled('trigger.?account').evaluate(data), data.trigger.account)
  assert.is(compiled('trigger.?gone').evaluate(data), absent)
})

test('now() is the start of the job, and stays unknown outside of one', () => {
  assert.is(compiled('now()').evaluate(data), '2031-05-01T08:00:00Z')
  assert.throws(() => compiled('now()').evaluate({ job: {} }), /job\.started_at/)
})

test.run()
