import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createFaults } from '../../../../connectors/dynamics365/sandbox/faults/faults.ts'
import { faultKinds } from '../../../../connectors/dynamics365/sandbox/faults/kinds.ts'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/start.ts'
import type { Body } from './data-plane.ts'

interface Context {
  close(): Promise<void>
  url: string
  fault(order: Record<string, unknown>): Promise<Response>
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  names(): Promise<string[]>
}

const faults = suite<Context>('faults of the sandbox')

faults.before.each(async (context) => {
  const sandbox = await startSandbox({})
  const { tenant, client_id, client_secret } = sandbox.settings as Record<string, string>
  const grant = { grant_type: 'client_credentials', client_id: client_id!, client_secret: client_secret!, scope: `${sandbox.url}/.default` }
  const answer = await fetch(`${sandbox.url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(grant) })
  const { access_token } = (await answer.json()) as { access_token: string }
  const send: Context['send'] = (method, path, body, headers) =>
    fetch(path.startsWith('http') ? path : `${sandbox.url}/api/data/v9.2/${path}`, {
      method,
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  Object.assign(context, {
    url: sandbox.url,
    close: () => sandbox.close(),
    send,
    fault: (order: Record<string, unknown>) => fetch(`${sandbox.url}/sandbox/faults`, { method: 'POST', body: JSON.stringify(order) }),
    names: async () =>
      ((await (await send('GET', 'accounts?$select=name&$orderby=name')).json()) as Body).value.map((row: Body) => row.name),
  })
})
faults.after.each(({ close }) => close())

const failed = (answer: Promise<Response>) =>
  answer
    .then((response) => response.text())
    .then(
      () => false,
      () => true,
    )

faults('an error for the second and third request of a kind, and no effect', async ({ fault, send, names }) => {
  assert.is(
    (await fault({ fault: 'status', status: 429, retry_after: 7, method: 'POST', path: '/accounts', after: 1, times: 2 })).status,
    200,
  )
  const answers = []
  for (const name of ['a', 'b', 'c', 'd']) answers.push(await send('POST', 'accounts', { name }))
  assert.equal(
    answers.map(({ status }) => status),
    [204, 429, 429, 204],
  )
  assert.is(answers[1]!.headers.get('retry-after'), '7')
  assert.is(((await answers[1]!.json()) as Body).error.code, '0x80040216')
  assert.equal(await names(), ['a', 'd'])
})

faults('the connection is cut before or after a write took effect', async ({ fault, send, names }) => {
  await fault({ fault: 'cut_before', method: 'POST', times: 1 })
  assert.ok(await failed(send('POST', 'accounts', { name: 'before' })))
  await fault({ fault: 'cut_after', method: 'POST', times: 1 })
  assert.ok(await failed(send('POST', 'accounts', { name: 'after' })))
  assert.equal(await names(), ['after'])
})

faults('an answer is cut in its middle, comes in pieces, or is of a proxy', async ({ fault, send }) => {
  await fault({ fault: 'truncate', times: 1 })
  assert.ok(await failed(send('GET', 'WhoAmI()')))
  await fault({ fault: 'slow_body', bytes: 50, ms: 1, times: 1 })
  assert.ok(((await (await send('GET', 'WhoAmI()')).json()) as Body).UserId)
  await fault({ fault: 'garbage', times: 1 })
  const proxy = await send('GET', 'WhoAmI()')
  assert.equal([proxy.status, proxy.headers.get('content-type')], [502, 'text/html'])
  assert.match(await proxy.text(), /Bad Gateway/)
})

faults('the token endpoint can be met as well', async ({ fault, url }) => {
  await fault({ fault: 'garbage', on: 'token', body: 'json', status: 200, times: 1 })
  const answer = await fetch(`${url}/tenant/oauth2/v2.0/token`, { method: 'POST' })
  assert.is(await answer.text(), '{"value":[{"name":"x')
})

faults('a late write: polling by time sees it behind its place, and a delta loses nothing', async ({ fault, send }) => {
  const read = async (path: string, headers?: Record<string, string>) =>
    (await (await send('GET', path, undefined, headers)).json()) as Body
  const tracked = await read('accounts?$select=name', { prefer: 'odata.track-changes' })
  await fault({ fault: 'late_commit', method: 'POST', ms: 300, times: 1 })
  const late = send('POST', 'accounts', { name: 'late' })
  // Its versions are given out once it is on its way; the next write gets higher ones.
  while (((await read('accounts?$select=name&$top=1')) as Body).value.length === 0) await send('POST', 'accounts', { name: 'early' })
  const between = await read(tracked['@odata.deltaLink'])
  assert.not.ok(between.value.some((row: Body) => row.name === 'late'))
  assert.is((await late).status, 204)
  const after = await read(between['@odata.deltaLink'])
  assert.ok(after.value.some((row: Body) => row.name === 'late'))
  const rows = (await read('accounts?$select=name,versionnumber&$orderby=versionnumber')).value
  assert.equal([rows[0].name, rows.at(-1).name], ['late', 'early'])
})

faults('orders that make no sense are refused with a sentence, and all are listed and taken back', async ({ fault, url }) => {
  for (const [order, sentence] of [
    [{}, /`fault` must be one of latency, /],
    [{ fault: 'latency', ms: -1 }, /`ms` must be a whole number from 0 to 600000/],
    [{ fault: 'latency', speed: 1 }, /has no field `speed`\. It has on, /],
    [{ fault: 'status', pattern: '(' }, /no regular expression/],
    [{ fault: 'garbage', body: 'xml' }, /must be one of html, empty, json/],
  ] as const) {
    const refused = await fault(order)
    assert.is(refused.status, 400)
    assert.match(await refused.text(), sentence)
  }
  const { id } = (await (await fault({ fault: 'latency', ms: 1 })).json()) as Body
  const listed = (await (await fetch(`${url}/sandbox/faults`)).json()) as Body
  assert.equal([listed.faults.length, Object.keys(listed.kinds)], [1, Object.keys(faultKinds)])
  await fetch(`${url}/sandbox/faults/${id}`, { method: 'DELETE' })
  assert.equal(((await (await fetch(`${url}/sandbox/faults`)).json()) as Body).faults, [])
})

faults('nothing is matched, nothing costs', () => {
  const one = createFaults()
  one.add({ fault: 'cut_before', pattern: 'contacts\\(' })
  assert.equal(one.of({ on: 'webapi', method: 'GET', rawUrl: '/api/data/v9.2/accounts' }), {})
  assert.ok(one.of({ on: 'webapi', method: 'GET', rawUrl: '/api/data/v9.2/contacts(1)' }).cut_before)
})

faults.run()
