import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MaskRegistry } from '../../runner/connection/index.ts'

const test = suite('connection: mask')

function masking(...values: string[]) {
  const registry = new MaskRegistry()
  for (const value of values) registry.add(value)
  return (text: string) => registry.mask(text)
}

const secret = 'pä$$ "w0rd"/+~\n%'
const forms: [name: string, text: string][] = [
  ['as it is', secret],
  ['URL-encoded', encodeURIComponent(secret)],
  ['URL-encoded with small letters', encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
  ['as a form field', new URLSearchParams({ '': secret }).toString().slice(1)],
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ['in JSON in JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  ['in base64', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
  ['in base64url', Buffer.from(secret).toString('base64url')],
]

for (const [name, text] of forms) {
  test(`masked ${name}`, () => assert.match(masking(secret)(`before ${text} after`), /^before \*\*\*.{0,2} after$/))
}

for (const user of ['', 'a', 'ab', 'abc']) {
  test(`masked in base64 of a longer text (${user.length} bytes before)`, () => {
    const header = Buffer.from(`${user}secret-value-1:rest`).toString('base64')
    assert.not.match(Buffer.from(masking('secret-value-1')(header), 'base64').toString(), /secret-value/)
  })
}

test('short values are not masked, longer ones go before those inside them', () => {
  assert.is(masking('seven77')('seven77'), 'seven77')
  assert.is(masking('12345678', '0123456789')('0123456789 12345678'), '*** ***')
})

test('a signed token is masked, though nobody has registered it', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = `${part({ alg: 'RS256' })}.${part({ sub: 'repo:contoso/sales' })}.c2lnbmF0dXJl`
  assert.is(masking()(`client_assertion=${token}&scope=x`), 'client_assertion=***&scope=x')
  assert.is(masking()('eyJ is no token, nor is eyJhbGciOiJub25lIn0 alone'), 'eyJ is no token, nor is eyJhbGciOiJub25lIn0 alone')
})

test('whatever text stands around it, the value is gone', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 8, unit: 'grapheme' }), fc.string(), fc.string(), (value, before, after) => {
      fc.pre(value.length >= 8 && !'***'.includes(value))
      const masked = masking(value)(`${before}${JSON.stringify({ value }).slice(10, -2)}${after}`)
      return !masked.slice(before.length, masked.length - after.length).includes(value) || value === '*'.repeat(value.length)
    }),
  )
})

test('a long log stays fast with many secrets', () => {
  const registry = new MaskRegistry()
  for (let i = 0; i < 50; i++) registry.add(`secret-number-${i}-${'x'.repeat(1_500)}`)
  const line = 'an ordinary line of a log with nothing to hide '.repeat(4)
  const started = performance.now()
  for (let i = 0; i < 1_000; i++) registry.mask(line)
  assert.ok(performance.now() - started < 2_000)
})

test.run()
