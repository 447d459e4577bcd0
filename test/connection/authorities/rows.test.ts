import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { adfs, adfsCodes } from '../../../runner/connection/authorities/adfs.ts'
import type { Refusal } from '../../../runner/connection/authorities/authority.ts'
import { entra } from '../../../runner/connection/authorities/entra.ts'
import { entraCodes } from '../../../runner/connection/authorities/entra-codes.ts'
import { entraError } from '../../support/organization-server.ts'
import { aadsts, errors, msis, type Row } from './rows.ts'

const test = suite('connection: every row of the error tables')

const verdict = ({ class: meaning, kind }: Refusal) => (kind === undefined ? meaning : `${meaning} ${kind}`)
const json = (status: number, body: unknown) => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

function check(refusal: Refusal, { is, says, twice, locksOut, atLeastMs, claims }: Row): void {
  assert.is(verdict(refusal), is)
  assert.match(refusal.todo, says)
  assert.equal([refusal.tryOnceMore, refusal.locksOut, refusal.atLeastMs, refusal.claims], [twice, locksOut, atLeastMs, claims])
}

for (const row of aadsts)
  for (const number of row.numbers as number[])
    for (const error of row.errors)
      test(`AADSTS${number} with ${error} is ${row.is}`, () => {
        const more = { ...(row.suberror && { suberror: row.suberror }), ...(row.claims && { claims: row.claims }) }
        const refusal = entra.classify(json(row.status ?? 400, entraError(number, error, more)))
        check(refusal, row)
        assert.equal(
          [refusal.number, refusal.words, refusal.traceId, refusal.correlationId],
          [
            `AADSTS${number}`,
            `AADSTS${number}: Made up for a test.`,
            '0c9b1111-2222-4333-8444-555566667778',
            '51d00000-aaaa-4bbb-8ccc-dddd0000eeee',
          ],
        )
      })

for (const { error, suberror, numbers, is } of errors)
  test(`${[error ?? 'no error', suberror, ...(numbers ?? [])].filter(Boolean).join(', ')} is ${is}`, () => {
    const body = { ...(error && { error }), ...(suberror && { suberror }), ...(numbers && { error_codes: numbers }) }
    assert.is(verdict(entra.classify(json(400, body))), is)
  })

test('line breaks before the trace id, as older answers have them', () => {
  const body = {
    error: 'invalid_grant',
    error_description: 'AADSTS700082: It ended.\r\nTrace ID: a\r\nCorrelation ID: b',
    error_codes: [700082],
  }
  assert.is(entra.classify(json(400, body)).words, 'AADSTS700082: It ended.')
})

for (const row of msis)
  for (const number of row.numbers)
    for (const error of row.errors)
      test(`${number} ${row.status ?? 400} with ${error} is ${row.is}`, () => {
        // AD FS escapes apostrophes.
        const body = `{"error":"${error}","error_description":"${number}: Made up for \\u0027a test\\u0027."}`
        const refusal = adfs.classify({ status: row.status ?? 400, headers: {}, body })
        check(refusal, row)
        assert.equal([refusal.number, refusal.words], [number, `${number}: Made up for 'a test'.`])
      })

test('AD FS: an empty 404 is a wrong address', () => {
  const refusal = adfs.classify({ status: 404, headers: {}, body: '' })
  assert.is(refusal.class, 'config')
  assert.match(refusal.todo, /`ad_domain` or `authority`/)
})

test('no number that the code knows is without a row, and none has two meanings', () => {
  const rows = aadsts.flatMap(({ numbers }) => numbers as number[])
  assert.equal(
    [...entraCodes.keys()].filter((number) => !rows.includes(number)),
    [],
  )
  assert.is(new Set(rows).size, rows.length)
  const known = msis.flatMap(({ numbers }) => numbers)
  assert.equal(
    Object.keys(adfsCodes).filter((number) => !known.includes(number)),
    [],
  )
})

for (const [name, classify] of Object.entries({ Entra: entra.classify, 'AD FS': adfs.classify })) {
  const cases: [what: string, status: number, body: string, headers: Record<string, string>, words: RegExp][] = [
    ['a page of a proxy', 502, '<html><head><title>Bad Gateway</title></head></html>', {}, /an HTML page, "Bad Gateway"/],
    ['a page with 200', 200, '<!DOCTYPE html>\n<p>Sign in to the hotel', {}, /an HTML page/],
    ['a page with 403', 403, '<HTML>Blocked</HTML>', {}, /an HTML page/],
    ['a page with 407', 407, '\n<html><title>Proxy\nAuthentication</title>', {}, /an HTML page/],
    ['HTML without its tag', 400, 'Blocked', { 'content-type': 'text/html; charset=utf-8' }, /an HTML page/],
    ['nothing', 400, '', {}, /an empty answer/],
    ['nothing with 200', 200, ' ', {}, /an empty answer/],
    ['JSON cut off', 400, '{"error":"invalid_gr', {}, /^JSON that is cut off/],
    ['a list', 400, '[]', {}, /^JSON .* no OAuth answer$/],
    ['a text', 400, '"invalid_grant"', {}, /invalid_grant/],
    ['null', 400, 'null', {}, /null/],
    ['a redirect', 302, '', { location: 'https://portal.example/login' }, /a redirect to https:\/\/portal\.example/],
    ['throttled in plain text', 429, 'Too Many Requests', { 'retry-after': '60' }, /^Too Many Requests$/],
    ['a fault in JSON', 500, '{"error":"invalid_grant"}', {}, /invalid_grant/],
    ['a fault with nothing in it', 503, '{}', {}, /./],
    ['a refusal that says when to come back', 400, '{"error":"invalid_grant"}', { 'retry-after': '3' }, /invalid_grant/],
    ['a megabyte of text', 400, 'x'.repeat(1_000_000), {}, /^x{200}$/],
  ]
  for (const [what, status, body, headers, words] of cases)
    test(`${name}: ${what} may pass`, () => {
      const refusal = classify({ status, headers, body })
      assert.is(refusal.class, 'transient')
      assert.match(refusal.words, words)
      assert.match(refusal.todo, status === 429 || status >= 500 || headers['retry-after'] ? /by itself/ : /`authority` and proxies/)
    })

  test(`${name}: fields of another type than they should have are not read`, () => {
    const body = { error: 5, error_description: ['x'], error_codes: 'no', suberror: {}, claims: 1, trace_id: null }
    assert.is(classify({ status: 400, headers: {}, body: JSON.stringify(body) }).class, 'config')
    const numbers = { error: 'invalid_grant', error_codes: ['700082', null, {}] }
    assert.is(classify({ status: 400, headers: {}, body: JSON.stringify(numbers) }).class, 'reconnect')
  })
}

test.run()
