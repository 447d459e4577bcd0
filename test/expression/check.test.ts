import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileExpression, type JsonSchema } from '../../runner/expression/index.ts'

const test = suite('what is known of an expression before it runs')

const closed = (properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const scope = {
  trigger: closed({
    name: { type: ['string', 'null'] },
    amount: { type: ['number', 'null'] },
    state: { enum: ['open', 'won', null] },
    done: { type: 'boolean' },
    account: closed({ id: { type: 'string' }, label: { type: 'string' } }, ['id']),
    lines: { type: 'array', items: closed({ sku: { type: 'string' }, n: { type: 'integer' } }) },
    created: { type: 'string' },
  }),
  free: {},
  job: {},
}

/** Each problem as its code and the text that it marks. */
function marked(source: string): string[] {
  return compileExpression(source, { scope }).problems.map(({ code, start, end }) => `${code} ${source.slice(start, end)}`)
}

for (const source of [
  'trigger.name == null',
  'trigger.amount * 2 > 10',
  'trigger.done ? trigger.name : null',
  'trigger.done ? (free.a ? "x" : 1) : null',
  'has(trigger.account.label) && trigger.account.label == "a"',
  'trigger.account.?label.orValue("none").upper()',
  'trigger.lines.map(line, line.n * 2.5)',
  'trigger.lines.filter(line, line.n > 1)[0].sku',
  'cel.bind(total, sum(trigger.lines.map(l, l.n)), total + total)',
  'optional.of(trigger.name).orValue("a")',
  'type(free.x) == double',
  'trigger.state == "open" || trigger.state == null',
  'trigger.state in ["open", "lost"]',
  'date(trigger.created) < now()',
  'now() - date(trigger.created) > duration("1h")',
  'free.anything.at["all"][0].lower() + free.more',
  'coalesce(trigger.account.?label, trigger.name, "none")',
  'size(trigger.lines) / 2.0',
]) {
  test(`right: ${source}`, () => assert.equal(marked(source), []))
}

for (const [source, ...problems] of [
  ['trigger.nam', 'expression_unknown_field nam'],
  ['trigger.?nam', 'expression_unknown_field nam'],
  ['trigger["nam"]', 'expression_unknown_field nam'],
  ['has(trigger.nam)', 'expression_unknown_field nam'],
  ['trigger.constructor', 'expression_unknown_field constructor'],
  ['trigger.account.label', 'expression_maybe_absent label'],
  ['trigger.lines.map(line, line.skew)', 'expression_unknown_field skew'],
  ['trigger.lines.filter(l, l.n > 1).map(l, l.m)', 'expression_unknown_field m'],
  ['trigger.lines.sku', 'expression_type sku'],
  ['trigger.name.first', 'expression_type first'],
  ['trigger.name + 1', 'expression_type trigger.name + 1'],
  ['trigger.done + trigger.done', 'expression_type trigger.done'],
  ['trigger.name > 5', 'expression_type trigger.name > 5'],
  ['trigger.name == 5', 'expression_type trigger.name == 5'],
  ['trigger.created < now()', 'expression_type trigger.created < now()'],
  ['trigger.state == "wonn"', 'expression_unknown_value "wonn"'],
  ['trigger.name && trigger.done', 'expression_type trigger.name'],
  ['!trigger.name', 'expression_type trigger.name'],
  ['trigger.name ? 1 : 2', 'expression_type trigger.name'],
  ['trigger.name.map(x, x)', 'expression_type trigger.name'],
  ['trigger.lines.exists(l, l.sku)', 'expression_type l.sku'],
  ['trigger.amount.lower()', 'expression_arguments trigger.amount.lower()'],
  ['round(trigger.name)', 'expression_arguments trigger.name'],
  ['trigger.?name == "a"', 'expression_type trigger.?name'],
  ['trigger.amount in trigger.done', 'expression_type trigger.done'],
  ['size(trigger.lines) / 2', 'whole_division size(trigger.lines) / 2'],
  ['free.lst.mapp(x, x)', 'expression_unknown_name x', 'expression_unknown_name x', 'expression_unknown_function mapp'],
  ['trigger.nam + nope', 'expression_unknown_field nam', 'expression_unknown_name nope'],
] as const) {
  test(`wrong: ${source}`, () => assert.equal(marked(source), problems))
}

test('a near name is offered, and the listed values', () => {
  assert.match(compileExpression('trigger.nam', { scope }).problems[0]?.message ?? '', 'Did you mean `name`?')
  assert.match(compileExpression('trigger.state == "wonn"', { scope }).problems[0]?.message ?? '', 'Did you mean `won`?')
})

test('a condition and a list are held against what is known', () => {
  const codes = (source: string, expect: 'boolean' | 'list') =>
    compileExpression(source, { scope, expect }).problems.map(({ code }) => code)
  assert.equal(codes('trigger.name', 'boolean'), ['expression_not_boolean'])
  assert.equal(codes('free.?flag', 'boolean'), ['expression_not_boolean'])
  assert.equal(codes('trigger.done', 'boolean'), [])
  assert.equal(codes('trigger.account', 'list'), ['expression_not_list'])
  assert.equal(codes('trigger.lines', 'list'), [])
})

test('what is known of a value is handed on', () => {
  assert.equal(
    compileExpression('trigger.lines.filter(l, l.n > 1)', { scope }).known,
    scope.trigger.properties && { type: 'array', items: itemsOfLines() },
  )
})

function itemsOfLines(): unknown {
  return (scope.trigger.properties as Record<string, JsonSchema>).lines?.items
}

test.run()
