import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openWebApi, type WebApiSettings } from '../../../../connectors/dynamics365/webapi/client.ts'
import type { Clock, HttpRequest, HttpResponse } from '../../../../runner/connector/index.ts'

const test = suite('dynamics365 client')

const clock: Clock = { now: () => new Date(0), sleep: async () => {} }
const settings: WebApiSettings = {
  baseUrl: 'https://x.example/api/data/v9.2/',
  atOnce: 8,
  partHeaders: { 'odata-version': '4.0', callerobjectid: 'u1' },
  writeHeaders: { 'mscrm.suppressduplicatedetection': 'false' },
  tag: 'night run',
}

/** A Web API that answers from a list and remembers what it was asked. */
function scripted(...answers: Partial<HttpResponse>[]) {
  const asked: HttpRequest[] = []
  const request = async (one: HttpRequest): Promise<HttpResponse> => {
    asked.push(one)
    return { status: 200, headers: {}, body: '', ...answers[asked.length - 1] }
  }
  return { asked, api: openWebApi(settings, request, clock) }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

test('pages follow the next link verbatim, with the same preferences', async () => {
  const nextLink = 'https://x.example/api/data/v9.2/accounts?$skiptoken=%3Ccookie%20a=%22%2541%22/%3E'
  const { asked, api } = scripted(
    { body: JSON.stringify({ value: [{ a: 1 }], '@odata.nextLink': nextLink }) },
    { body: JSON.stringify({ value: [{ a: 2 }] }) },
  )
  const pages = await all(api.pages('accounts', { prefer: ['odata.maxpagesize=1'] }))
  assert.equal(
    pages.flatMap(({ rows }) => rows),
    [{ a: 1 }, { a: 2 }],
  )
  assert.is(asked[1]?.url, nextLink)
  assert.equal(
    asked.map(({ headers }) => headers?.prefer),
    ['odata.maxpagesize=1', 'odata.maxpagesize=1'],
  )
})

test('a link to another host is not followed: it would get the token', async () => {
  const { asked, api } = scripted({ body: JSON.stringify({ value: [], '@odata.nextLink': 'https://evil.example/x' }) })
  try {
    await all(api.pages('accounts'))
    assert.unreachable()
  } catch (error) {
    assert.is((error as { code: string }).code, 'foreign_link')
  }
  assert.is(asked.length, 1)
})

test('an update is sent only for a row that exists, an upsert for any', async () => {
  const { asked, api } = scripted({ status: 204 }, { status: 204 })
  await api.update('accounts(1)', { name: 'A' })
  await api.upsert('accounts(1)', { name: 'A' })
  assert.is(asked[0]?.headers?.['if-match'], '*')
  assert.is(asked[1]?.headers?.['if-match'], undefined)
  assert.is(asked[1]?.url, 'accounts(1)?tag=night%20run')
  assert.is(asked[1]?.headers?.['mscrm.suppressduplicatedetection'], 'false')
})

test('a write that asks for columns gets the row', async () => {
  const { asked, api } = scripted({ status: 201, body: '{"accountid":"1"}' })
  assert.equal(await api.create('accounts', { name: 'A' }, { select: ['accountid'] }), { status: 201, row: { accountid: '1' } })
  assert.is(asked[0]?.headers?.prefer, 'return=representation')
  assert.is(asked[0]?.url, 'accounts?$select=accountid&tag=night%20run')
})

test('a URL that is too long travels in a batch', async () => {
  const inner = ['--b', 'Content-Type: application/http', '', 'HTTP/1.1 200 OK', '', '{"value":[{"a":1}]}', '--b--', ''].join('\r\n')
  const { asked, api } = scripted({ headers: { 'content-type': 'multipart/mixed; boundary=b' }, body: inner })
  const { rows } = await api.page(`accounts?$filter=${'x'.repeat(33_000)}`)
  assert.equal(rows, [{ a: 1 }])
  assert.is(asked[0]?.url, '$batch')
  assert.is(asked[0]?.repeatable, true)
})

test('headers stand in every part of a batch, which goes on after an error', async () => {
  const inner = ['--b', '', 'HTTP/1.1 204 No Content', '', '', '--b', '', 'HTTP/1.1 404 Not Found', '', '{}', '--b--', ''].join('\r\n')
  const { asked, api } = scripted({ headers: { 'content-type': 'multipart/mixed; boundary=b' }, body: inner })
  const answers = await api.batch([
    { method: 'PATCH', path: 'accounts(1)', body: { name: 'A' } },
    { method: 'GET', path: 'accounts(2)' },
  ])
  assert.equal(
    answers.map(({ status }) => status),
    [204, 404],
  )
  assert.is(asked[0]?.repeatable, false)
  const body = String(asked[0]?.body)
  assert.is(asked[0]?.headers?.prefer, 'odata.continue-on-error')
  assert.is(body.match(/callerobjectid: u1/g)?.length, 2)
  assert.is(body.match(/mscrm.suppressduplicatedetection: false/g)?.length, 1)
  assert.match(body, 'PATCH https://x.example/api/data/v9.2/accounts(1)?tag=night%20run HTTP/1.1')
  assert.match(body, 'GET https://x.example/api/data/v9.2/accounts(2) HTTP/1.1')
})

test('a batch with too few answers has an unknown effect', async () => {
  const inner = ['--b', '', 'HTTP/1.1 204 No Content', '', '', '--b--', ''].join('\r\n')
  const { api } = scripted({ headers: { 'content-type': 'multipart/mixed; boundary=b' }, body: inner })
  try {
    await api.batch([
      { method: 'PATCH', path: 'accounts(1)', body: {} },
      { method: 'PATCH', path: 'accounts(2)', body: {} },
    ])
    assert.unreachable()
  } catch (error) {
    assert.is((error as { code: string }).code, 'unreadable_answer')
    assert.is((error as { effect: string }).effect, 'unknown')
  }
})

test('long numbers come exactly', async () => {
  const { api } = scripted({ body: '{"versionnumber":638751518483842799}' })
  assert.is(JSON.stringify(await api.get('accounts(1)')), '{"versionnumber":638751518483842799}')
})

test.run()
