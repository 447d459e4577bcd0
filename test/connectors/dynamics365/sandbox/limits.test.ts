import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLimits } from '../../../../connectors/dynamics365/sandbox/limits/limits.ts'
import { readLimits, realLimits } from '../../../../connectors/dynamics365/sandbox/limits/settings.ts'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/start.ts'

const limits = suite('limits of the sandbox')

function guarded(text: string) {
  let now = 1_000_000_000_000
  const guard = createLimits(() => new Date(now), readLimits(text))
  const enter = (cookie?: string, user = 'u') => guard.enter(user, cookie)
  return {
    guard,
    enter,
    /** Enters and leaves; the code of the refusal, or undefined. */
    ask(cookie?: string, user?: string, rows = 0) {
      const admission = enter(cookie, user)
      if (admission.refused)
        return { code: admission.refused.code, wait: Number(admission.headers['Retry-After']), message: admission.refused.message }
      return admission.leave(rows)
    },
    later: (ms: number) => {
      now += ms
    },
  }
}

limits('requests in a sliding window', () => {
  const { ask, later } = guarded('requests=10,window=60s')
  for (let at = 0; at < 10; at++) {
    assert.is(ask()['x-ms-ratelimit-burst-remaining-xrm-requests' as never], String(9 - at))
    later(1_000)
  }
  const refused = ask() as { code: string; wait: number; message: string }
  assert.is(refused.code, '0x80072322')
  assert.is(refused.message, 'Number of requests exceeded the limit of 10 over time window of 60 seconds.')
  // The first request leaves the window sixty seconds after it came.
  assert.is(refused.wait, 50)
  later(50_000)
  assert.is('code' in ask(), false)
})

limits('pressing on lengthens the wait', () => {
  const { ask, later } = guarded('requests=1,window=60s')
  ask()
  const waits = [1, 2, 3].map(() => (ask() as { wait: number }).wait)
  assert.ok(waits[0]! < waits[1]! || waits[0] === 60, waits.join())
  later(30_000)
  assert.ok((ask() as { wait: number }).wait > 30)
})

limits('a clock that is moved back by years ends a wait', () => {
  const { ask, later } = guarded('requests=1,window=60s')
  ask()
  assert.is('code' in ask(), true)
  later(-10 * 365 * 86_400_000)
  assert.is('code' in ask(), false)
  assert.is((ask() as { wait: number }).wait, 60)
})

limits('execution time counts what each request and row cost', () => {
  const { ask } = guarded('time=100ms,cost=10ms,row-cost=20ms,window=60s')
  const left = Number(ask(undefined, undefined, 1)['x-ms-ratelimit-time-remaining-xrm-requests' as never])
  assert.ok(left <= 0.07 && left >= 0.06, String(left))
  ask(undefined, undefined, 4)
  const refused = ask() as { code: string; message: string }
  assert.is(refused.code, '0x80072321')
  assert.match(
    refused.message,
    /^Combined execution time of incoming requests exceeded limit of 100 {2}milliseconds over time window of 60 seconds\./,
  )
})

limits('requests at the same moment, each user for itself', () => {
  const { enter, ask } = guarded('concurrent=2')
  const [first] = [enter(), enter()]
  assert.is((ask() as { code: string }).code, '0x80072326')
  assert.is('code' in ask(undefined, 'other'), false)
  if (!first!.refused) first!.leave(0)
  assert.is('code' in ask(), false)
})

limits('servers count apart, and a cookie ties a client to one', () => {
  const { enter, ask } = guarded('requests=1,servers=2,window=60s')
  const admission = enter()
  const cookie = admission.headers['Set-Cookie']!.split(';')[0]!
  if (!admission.refused) admission.leave(0)
  assert.is((ask(cookie) as { code?: string }).code, '0x80072322')
  assert.is('code' in ask(), false)
  assert.is((ask() as { code?: string }).code, '0x80072322')
})

limits('the text of the option', () => {
  assert.is(readLimits('off'), undefined)
  assert.equal(readLimits('real'), realLimits)
  assert.equal(readLimits('requests=60,time=12s,concurrent=5,window=3s,servers=2,cost=5ms,row-cost=1ms,dop=4'), {
    requests: 60,
    timeMs: 12_000,
    concurrent: 5,
    windowMs: 3_000,
    servers: 2,
    costMs: 5,
    rowCostMs: 1,
    dop: 4,
  })
  for (const wrong of ['on', 'requests=', 'requests=0', 'window=3', 'speed=1', 'requests=1.5', 'servers=1001', 'time=9999999999999d'])
    assert.throws(() => readLimits(wrong), RangeError)
})

limits('over HTTP: requests that overlap are refused with 429, whatever is over the limit', async () => {
  const sandbox = await startSandbox({})
  const { tenant, client_id, client_secret } = sandbox.settings as Record<string, string>
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client_id!,
    client_secret: client_secret!,
    scope: `${sandbox.url}/.default`,
  })
  const token = (await (await fetch(`${sandbox.url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: form })).json()) as {
    access_token: string
  }
  const post = (path: string, body: unknown) => fetch(`${sandbox.url}/sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const get = () => fetch(`${sandbox.url}/api/data/v9.2/WhoAmI()`, { headers: { authorization: `Bearer ${token.access_token}` } })
  assert.is((await post('limits', { limits: 'nonsense' })).status, 400)
  await post('limits', { limits: 'concurrent=5,window=60s' })
  // Each request lasts while its write waits for its late moment.
  await post('faults', { fault: 'late_commit', ms: 300 })
  const slow = Array.from({ length: 8 }, () =>
    fetch(`${sandbox.url}/api/data/v9.2/accounts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'application/json' },
      body: '{"name":"x"}',
    }),
  )
  const statuses = (await Promise.all(slow)).map(({ status }) => status).sort()
  assert.equal(statuses, [204, 204, 204, 204, 204, 429, 429, 429])
  const after = await get()
  assert.is(after.status, 200)
  assert.is(after.headers.get('x-ms-dop-hint'), '10')
  await after.text()
  await sandbox.close()
})

limits.run()
