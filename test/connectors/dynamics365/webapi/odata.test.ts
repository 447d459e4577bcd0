import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isUnsafeInKey, keyCondition, keyPredicate, literal, withQuery } from '../../../../connectors/dynamics365/webapi/odata.ts'
import { parseJson } from '../../../../runner/connector/index.ts'

const test = suite('dynamics365 odata')

test('a text literal doubles its quotes', () => {
  assert.is(literal("O'Neil", 'text'), "'O''Neil'")
  assert.is(literal('42', 'text'), "'42'")
})

test('null, numbers and times stand bare', () => {
  assert.is(literal(null, 'text'), 'null')
  assert.is(literal(4.5, 'bare'), '4.5')
  assert.is(literal('2026-01-31T08:00:00Z', 'bare'), '2026-01-31T08:00:00Z')
})

test('a long number keeps its digits', () => {
  const { value } = parseJson('{"value": 638751518483842799}') as { value: unknown }
  assert.is(literal(value, 'bare'), '638751518483842799')
})

test('a key predicate is quoted first and percent-encoded then', () => {
  const parts = [
    { property: 'accountnumber', value: "Ä 1'", type: 'text' as const },
    { property: '_parentaccountid_value', value: '5c1e0d4a-0000-4000-8000-00000000a001', type: 'bare' as const },
  ]
  assert.is(keyPredicate(parts), "accountnumber='%C3%84%201''',_parentaccountid_value=5c1e0d4a-0000-4000-8000-00000000a001")
  assert.is(keyCondition(parts), "accountnumber eq 'Ä 1''' and _parentaccountid_value eq 5c1e0d4a-0000-4000-8000-00000000a001")
})

test('a value cannot leave its literal', () => {
  const hostile = "x' or 1 eq 1 or name eq 'y"
  assert.is(literal(hostile, 'text'), "'x'' or 1 eq 1 or name eq ''y'")
})

test('characters that fail in key URLs are known', () => {
  for (const character of '/<>*%&:\\?+') assert.ok(isUnsafeInKey(`a${character}b`), character)
  assert.not.ok(isUnsafeInKey("O'Neil & Söhne".replace('&', 'und')))
  assert.not.ok(isUnsafeInKey(5))
})

test('query options are encoded, empty ones left out', () => {
  assert.is(
    withQuery('accounts', { $select: 'name', $filter: "name eq 'a&b'", $top: undefined }),
    "accounts?$select=name&$filter=name%20eq%20'a%26b'",
  )
  assert.is(withQuery('accounts', {}), 'accounts')
  assert.is(withQuery('accounts?$select=name', { tag: 'x y' }), 'accounts?$select=name&tag=x%20y')
})

test.run()
