import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ConnectionSpec, OpenConnection } from '../../runner/connection/index.ts'
import type { HttpResponse } from '../../runner/connector/index.ts'
import { failure } from '../support/failure.ts'
import { memoryTokens } from '../support/memory-tokens.ts'
import { entraError, type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { type TestPorts, type TestSpec, testPorts, testSpec } from '../support/test-connection.ts'

const test = suite('connection: access tokens')
const minute = 60_000
const turn = () => new Promise((resolve) => setImmediate(resolve))

interface World extends TestPorts {
  server: OrganizationServer
  spec(more?: TestSpec): ConnectionSpec
  opened(more?: TestSpec): OpenConnection
  end(): Promise<void>
}

async function world(ports = testPorts()): Promise<World> {
  const server = await organizationServer()
  const connections: OpenConnection[] = []
  const spec = (more?: TestSpec) => testSpec(server.url, more)
  return {
    ...ports,
    server,
    spec,
    opened(more) {
      const connection = ports.open(spec(more))
      connections.push(connection)
      return connection
    },
    async end() {
      for (const connection of connections) await connection.close()
      await server.close()
    },
  }
}

const get = (connection: OpenConnection): Promise<HttpResponse> => connection.request({ method: 'GET', url: 'rows' })

/** Runs a test body with a world that is ended whatever happens. */
function given(name: string, body: (world: World) => Promise<void>, ports?: () => TestPorts): void {
  test(name, async () => {
    const w = await world(ports?.())
    try {
      await body(w)
    } finally {
      await w.end()
    }
  })
}

given('a given refresh token brings an access token, and what comes back is kept', async ({ opened, server, tokens }) => {
  const answer = await get(opened())
  assert.is(answer.status, 200)
  const form = Object.fromEntries(server.tokenRequests[0] as URLSearchParams)
  assert.equal(form, {
    grant_type: 'refresh_token',
    refresh_token: 'rt-canary-given',
    client_id: 'client-1',
    client_secret: 'secret-canary-1',
    scope: `${server.url}/.default offline_access openid profile`,
  })
  assert.is(tokens.record().refresh?.token, 'rt-canary-1')
  assert.is(tokens.record().lease, undefined)
})

given('a second process uses the stored access token without asking', async ({ opened, open, spec, server }) => {
  await get(opened())
  const other = open(spec())
  assert.is((await get(other)).status, 200)
  await other.close()
  assert.is(server.tokenRequests.length, 1)
})

given('twenty requests that meet an expired token share one renewal', async ({ opened, server }) => {
  const connection = opened({ transport: { atOnce: 20 } })
  await get(connection)
  server.valid.clear()
  const answers = await Promise.all(Array.from({ length: 20 }, () => get(connection)))
  assert.ok(answers.every(({ status }) => status === 200))
  assert.is(server.tokenRequests.length, 2)
})

given('the token is renewed five minutes before its end, not earlier', async ({ opened, server, clock }) => {
  const connection = opened()
  await get(connection)
  clock.pass(54 * minute)
  await get(connection)
  assert.is(server.tokenRequests.length, 1)
  clock.pass(2 * minute)
  await get(connection)
  assert.is(server.tokenRequests.length, 2)
  assert.is(server.tokenRequests[1]?.get('refresh_token'), 'rt-canary-1')
})

given('a sign-in that is made anew or dropped elsewhere counts within a minute', async ({ opened, server, tokens, clock }) => {
  const connection = opened()
  const used = async () => {
    await get(connection)
    return server.requests.at(-1)?.authorization
  }
  assert.is(await used(), 'Bearer at-canary-1')
  const [row] = await tokens.list()
  const { name, version, fingerprint } = row as NonNullable<typeof row>
  const { access, ...record } = tokens.record()
  server.valid.add('at-of-another-person')
  await tokens.put(name, { fingerprint, payload: { ...record, access: { ...access, token: 'at-of-another-person' } } }, version)
  assert.is(await used(), 'Bearer at-canary-1')
  clock.pass(minute)
  assert.is(await used(), 'Bearer at-of-another-person')
  await tokens.delete(name)
  clock.pass(minute)
  assert.is(await used(), 'Bearer at-canary-2')
})

given('a short-lived token is used for half its life', async ({ opened, server, clock }) => {
  server.grant = { expires_in: 4 }
  const connection = opened()
  await get(connection)
  clock.pass(1_900)
  await get(connection)
  assert.is(server.tokenRequests.length, 1)
  clock.pass(200)
  await get(connection)
  assert.is(server.tokenRequests.length, 2)
})

{
  const seen: string[] = []
  let server: OrganizationServer | undefined
  const tokens = memoryTokens((record) => {
    if (record.refresh?.token === 'rt-canary-1') seen.push(`stored after ${server?.requests.length} requests`)
  })
  given(
    'the rotated refresh token is stored before the new access token is used',
    async (w) => {
      server = w.server
      await get(w.opened())
      assert.equal(seen, ['stored after 0 requests'])
    },
    () => testPorts(tokens),
  )
}

given('no new refresh token: the old one stays', async ({ opened, server, tokens, clock }) => {
  server.grant = { refresh_token: undefined }
  const connection = opened()
  await get(connection)
  clock.pass(60 * minute)
  await get(connection)
  assert.is(server.tokenRequests[1]?.get('refresh_token'), 'rt-canary-given')
  assert.is(tokens.record().refresh?.usedAt, clock.now().toISOString())
})

given('two processes at the same moment send one renewal', async ({ opened, server, clock }) => {
  const [one, other] = [opened(), opened()]
  let looks = 0
  // Time stands still, so that the lease cannot lapse while the answer is under way.
  clock.sleep = async () => {
    looks++
    await turn()
  }
  server.beforeToken = async () => {
    while (looks === 0) await turn()
  }
  const answers = await Promise.all([get(one), get(other)])
  assert.ok(answers.every(({ status }) => status === 200))
  assert.is(server.tokenRequests.length, 1)
})

/** The access token is gone, and somebody else's request is under way. */
async function leasedBy(process: string, { tokens, clock }: World): Promise<void> {
  const [row] = await tokens.list()
  const { access: _, ...record } = tokens.record()
  const payload = { ...record, lease: { owner: 'somebody else', process, since: clock.now().toISOString() } }
  await tokens.put(row?.name as string, { fingerprint: row?.fingerprint as string, payload }, row?.version as number)
}

given('the lease of a process that died is taken over at once', async (w) => {
  await get(w.opened())
  await leasedBy('gone', w)
  assert.is((await get(w.opened())).status, 200)
  assert.is(w.server.tokenRequests.length, 2)
  assert.equal(w.clock.slept, [])
})

given('the lease of a process that hangs is taken over after 95 seconds of our own, whatever the clocks say', async (w) => {
  await get(w.opened())
  await leasedBy('hangs', w)
  const { sleep } = w.clock
  w.clock.sleep = async (ms, signal) => {
    await sleep(ms, signal)
    w.clock.pass(w.clock.slept.length % 2 ? 3_600_000 : -3_600_000)
  }
  assert.is((await get(w.opened())).status, 200)
  assert.is(w.server.tokenRequests.length, 2)
  assert.is(
    w.clock.slept.reduce((sum, ms) => sum + ms, 0),
    95_000,
  )
})

given(
  'client credentials: no refresh token, the access token is kept for the next process',
  async ({ opened, open, spec, server, tokens }) => {
    const oauth = { grant: 'client_credentials' } as const
    await get(opened({ oauth }))
    const next = open(spec({ oauth }))
    await get(next)
    await next.close()
    assert.is(server.tokenRequests.length, 1)
    assert.is(server.tokenRequests[0]?.get('scope'), `${server.url}/.default`)
    assert.is(tokens.record().refresh, undefined)
    assert.is(tokens.record().actor, 'app')
  },
)

given('a dead refresh token marks the connection and is never sent again', async ({ opened, server, tokens, logged }) => {
  server.tokenAnswers.push({ status: 400, body: entraError(700082) })
  const connection = opened()
  const error = await failure(get(connection))
  assert.is(error.kind, 'auth')
  assert.is(error.code, 'reconnect_needed')
  assert.is(error.status, 400)
  assert.is(error.details.trace_id, '0c9b1111-2222-4333-8444-555566667778')
  for (const part of [/AADSTS700082: Made up for a test\./, /since 2026-03-01T08:00:00/, /runner connect/, /Contoso sales/])
    assert.match(error.message, part)
  assert.is(tokens.record().refresh, undefined, 'the dead token is deleted')
  const again = await failure(get(opened()))
  assert.is(again.message, error.message)
  assert.is(server.tokenRequests.length, 1)
  assert.is((await connection.signInNeeded())?.kind, 'expired')
  assert.is(server.requests.length, 0, 'nothing was asked of the organization')
  assert.is(logged.length, 1)
})

given('kinds that others may lift are tried again hourly, with the same refresh token', async ({ opened, server, tokens, clock }) => {
  server.tokenAnswers.push({ status: 400, body: entraError(53003, 'invalid_grant', { suberror: 'message_only' }) })
  const connection = opened()
  assert.is((await failure(get(connection))).code, 'reconnect_needed')
  assert.is(tokens.record().refresh?.token, 'rt-canary-given')
  clock.pass(59 * minute)
  await failure(get(connection))
  assert.is(server.tokenRequests.length, 1)
  assert.ok(await connection.signInNeeded())
  clock.pass(2 * minute)
  assert.is(await connection.signInNeeded(), undefined)
  assert.is((await get(connection)).status, 200)
  assert.is(tokens.record().mark, undefined)
})

given('refused credentials keep the refresh token and are tried again when they change', async ({ opened, server, tokens, clock }) => {
  server.tokenAnswers.push({ status: 401, body: entraError(7000215, 'invalid_client') })
  const error = await failure(get(opened()))
  assert.is(error.code, 'credentials_refused')
  assert.is(error.kind, 'auth')
  assert.is(error.status, 401)
  assert.is(tokens.record().refresh?.token, 'rt-canary-given')
  clock.pass(48 * 60 * minute)
  const same = opened()
  await failure(get(same))
  assert.is((await same.signInNeeded())?.kind, 'config')
  assert.is(server.tokenRequests.length, 1)
  const changed = opened({ oauth: { clientSecret: 'secret-canary-2' } })
  assert.is(await changed.signInNeeded(), undefined)
  assert.is((await get(changed)).status, 200)
})

given('a transient failure is waited out and never asks for a sign-in', async ({ opened, server, tokens, clock }) => {
  server.tokenAnswers.push(
    { status: 503, body: 'busy' },
    { status: 200, body: '<html>a proxy</html>' },
    (request) => request.socket.destroy(),
    { status: 400, body: entraError(90055) },
  )
  assert.is((await get(opened())).status, 200)
  assert.equal(clock.slept, [1_000, 2_000, 4_000, 8_000])
  assert.is(tokens.record().mark, undefined)
})

given('Retry-After of the token endpoint is obeyed, and 50196 waits a minute', async ({ opened, server, clock }) => {
  server.tokenAnswers.push(
    { status: 429, headers: { 'retry-after': '60' }, body: 'Too Many Requests' },
    { status: 400, body: entraError(50196) },
  )
  assert.is((await get(opened())).status, 200)
  assert.equal(clock.slept, [60_000, 60_000])
})

given('a dead token endpoint ends as transient, without effect, and leaves neither mark nor lease', async ({ opened, server, tokens }) => {
  for (let i = 0; i < 6; i++) server.tokenAnswers.push({ status: 500, body: 'down' })
  const connection = opened()
  const error = await failure(connection.request({ method: 'POST', url: 'rows', body: '{}' }))
  assert.is(error.kind, 'transient')
  assert.is(error.code, 'token_endpoint_unavailable')
  assert.is(error.effect, 'none')
  assert.is(tokens.record().mark, undefined)
  assert.is(tokens.record().lease, undefined)
  assert.is(await connection.signInNeeded(), undefined)
})

given('an access token that still holds is used while the token endpoint is down', async ({ opened, server, clock }) => {
  const connection = opened()
  await get(connection)
  clock.pass(57 * minute)
  server.tokenAnswers.push({ status: 503, body: 'busy' })
  assert.is((await get(connection)).status, 200)
  assert.is((await get(connection)).status, 200)
  assert.is(server.tokenRequests.length, 2, 'asked once, then left in peace')
  assert.equal(clock.slept, [])
  clock.pass(minute)
  await get(connection)
  assert.is(server.tokenRequests.length, 3)
})

given('70000 comes and goes, so it is believed when it comes twice', async ({ opened, server, clock }) => {
  server.tokenAnswers.push({ status: 400, body: entraError(70000) })
  assert.is((await get(opened())).status, 200)
  assert.equal(clock.slept, [5_000])
  server.valid.clear()
  server.tokenAnswers.push({ status: 400, body: entraError(70000) }, { status: 400, body: entraError(70000) })
  assert.is((await failure(get(opened()))).code, 'reconnect_needed')
})

given('another given refresh token starts over, the same one does not', async ({ opened, server, clock }) => {
  await get(opened())
  clock.pass(60 * minute)
  await get(opened())
  assert.is(server.tokenRequests[1]?.get('refresh_token'), 'rt-canary-1')
  server.tokenAnswers.push({ status: 400, body: entraError(50173, 'invalid_grant', { suberror: 'bad_token' }) })
  clock.pass(60 * minute)
  assert.is((await failure(get(opened()))).code, 'reconnect_needed')
  const renewed = opened({ oauth: { refreshToken: 'rt-canary-second' } })
  assert.is(await renewed.signInNeeded(), undefined)
  assert.is((await get(renewed)).status, 200)
  assert.is(server.tokenRequests[3]?.get('refresh_token'), 'rt-canary-second')
})

given('a row of another client, tenant or host is never used', async ({ opened, server }) => {
  await get(opened())
  for (const oauth of [{ clientId: 'client-2' }, { tenant: 'tenant-2' }, { grant: 'client_credentials' }] as const) {
    const error = await failure(get(opened({ oauth })))
    assert.is(error.kind, 'rejected')
    assert.is(error.code, 'connection_changed')
  }
  assert.is(server.tokenRequests.length, 1)
})

given('an app whose tenant or host changed fetches a token of its own', async ({ opened, server }) => {
  const oauth = { grant: 'client_credentials' } as const
  await get(opened({ oauth }))
  await get(opened({ oauth: { ...oauth, tenant: 'tenant-2' } }))
  assert.is(server.tokenRequests.length, 2)
  assert.equal(
    server.requests.map(({ authorization }) => authorization),
    ['Bearer at-canary-1', 'Bearer at-canary-2'],
  )
})

given('a mark alone does not tie the name to wrong settings', async ({ opened, server }) => {
  server.tokenAnswers.push({ status: 400, body: entraError(90002, 'invalid_request') })
  const oauth = { grant: 'client_credentials' } as const
  assert.is((await failure(get(opened({ oauth: { ...oauth, tenant: 'wrong' } })))).code, 'credentials_refused')
  assert.is((await get(opened({ oauth }))).status, 200)
})

given('nobody has signed in yet', async ({ opened, server }) => {
  const connection = opened({
    oauth: { grant: 'authorization_code', refreshToken: undefined } as unknown as NonNullable<TestSpec['oauth']>,
  })
  const error = await failure(get(connection))
  assert.is(error.kind, 'auth')
  assert.is(error.code, 'sign_in_needed')
  assert.is((await connection.signInNeeded())?.kind, 'new')
  assert.is(server.tokenRequests.length, 0)
})

given('authority and tenant are found from the organization, and asked once only', async ({ opened, server, tokens }) => {
  const spec = { oauth: { authorityUrl: undefined, tenant: undefined } as unknown as NonNullable<TestSpec['oauth']> }
  assert.is((await get(opened(spec))).status, 200)
  assert.equal(tokens.record().found, { authorityUrl: server.url, tenant: 'tenant-1', resource: `${server.url}/` })
  server.valid.clear()
  assert.is((await get(opened(spec))).status, 200)
  assert.is(server.requests.filter(({ authorization }) => authorization === undefined).length, 1)
})

given('AD FS: the resource travels, the end is told, no rotation', async ({ opened, server, tokens }) => {
  server.grant = { refresh_token_expires_in: 28_800, token_type: 'bearer', expires_in: '3600' }
  const oauth = {
    authority: 'adfs',
    authorityUrl: `${server.url}/adfs`,
    tenant: undefined,
    resource: `${server.url}/`,
  } as unknown as NonNullable<TestSpec['oauth']>
  assert.is((await get(opened({ oauth }))).status, 200)
  assert.is(server.tokenRequests[0]?.get('resource'), `${server.url}/`)
  assert.is(tokens.record().refresh?.expiresAt, '2026-03-01T16:00:00.000Z')
})

given('one caller that gives up does not stop the renewal of the others', async ({ opened, server }) => {
  const connection = opened()
  const stop = new AbortController()
  const reason = new Error('enough')
  server.beforeToken = () => {
    stop.abort(reason)
  }
  const [first, second] = await Promise.allSettled([
    connection.request({ method: 'GET', url: 'rows', signal: stop.signal }),
    get(connection),
  ])
  assert.is(first.status === 'rejected' && first.reason, reason)
  assert.is(second.status, 'fulfilled')
})

given('one that is stopped while the token endpoint fails is told so, and others see it', async ({ opened, server, tokens, clock }) => {
  const stop = new AbortController()
  server.tokenAnswers.push({ status: 503, body: 'busy' })
  clock.sleep = (_ms, signal) => {
    stop.abort(new Error('the time is up'))
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  }
  const connection = opened()
  const error = await failure(connection.request({ method: 'GET', url: 'rows', signal: stop.signal }))
  assert.is(error.code, 'token_endpoint_unavailable')
  assert.match(error.message, /503: busy/)
  await connection.close()
  assert.equal([tokens.record().degraded?.words, tokens.record().lease], [error.message, undefined])
})

given('one that is closed while all is well leaves nothing behind', async ({ opened, server, tokens }) => {
  const connection = opened()
  server.beforeToken = () => void connection.close()
  await failure(get(connection))
  assert.equal([tokens.record().degraded, tokens.record().lease], [undefined, undefined])
})

given('a connection that is closed keeps what a refresh under way brings', async ({ opened, server, tokens }) => {
  const connection = opened()
  let closed: Promise<void> | undefined
  server.beforeToken = () => {
    closed = connection.close()
  }
  await failure(get(connection))
  await closed
  assert.is(tokens.record().refresh?.token, 'rt-canary-1')
  assert.is(tokens.record().lease, undefined)
})

given('where an answer was lost and the next one is a refusal, the error tells of both', async ({ opened, server, tokens }) => {
  server.tokenAnswers.push((request) => request.socket.destroy(), { status: 400, body: entraError(50173) })
  const error = await failure(get(opened()))
  assert.is(error.code, 'reconnect_needed')
  assert.match(error.message, /AADSTS50173/)
  assert.match(error.message, /The runner was killed or cut off while it renewed this sign-in at 2026-03-01T08:00:00/)
  assert.is(error.details.rotation_lost, '2026-03-01T08:00:00.000Z')
  assert.is(tokens.record().unanswered, undefined)
})

given('an answer that was lost is forgotten with the next token', async ({ opened, server, tokens }) => {
  server.tokenAnswers.push((request) => request.socket.destroy())
  assert.is((await get(opened())).status, 200)
  assert.is(tokens.record().unanswered, undefined)
  server.valid.clear()
  server.tokenAnswers.push({ status: 400, body: entraError(50173) })
  assert.is((await failure(get(opened()))).details.rotation_lost, undefined)
})

given('no error holds a secret, however it is printed', async (w) => {
  const errors: unknown[] = []
  const collect = async (more: TestSpec, prepare: () => void) => {
    prepare()
    const connection = w.opened({ ...more, name: `connection ${errors.length}` })
    errors.push(await failure(connection.request({ method: 'POST', url: 'rows', body: '{}', headers: { 'x-own': 'header' } })))
  }
  const { server } = w
  await collect({}, () => server.tokenAnswers.push({ status: 400, body: entraError(700082) }))
  await collect({}, () => server.tokenAnswers.push({ status: 401, body: entraError(7000215, 'invalid_client') }))
  await collect({}, () =>
    server.tokenAnswers.push(
      ...Array.from({ length: 6 }, () => ({ status: 200, body: { access_token: 'at-canary-bad', refresh_token: 'rt-canary-bad' } })),
    ),
  )
  await collect({}, () =>
    server.tokenAnswers.push(
      ...Array.from({ length: 6 }, () => (request: { socket: { destroy(): void } }) => void request.socket.destroy()),
    ),
  )
  await collect({}, () => server.answers.push({ status: 401 }, { status: 401 }))
  await collect({}, () => server.answers.push({ status: 500, body: 'fault' }))
  await collect({}, () => server.answers.push((request) => request.socket.destroy()))
  await collect({ transport: { timeoutMs: 30 } }, () => server.answers.push(() => {}))
  assert.is(errors.length, 8)
  for (const error of errors) {
    const printed = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${(error as Error).stack} ${inspect((error as Error).cause, { depth: 20 })}`
    assert.not.match(printed, /canary|Bearer/)
    assert.is((error as Error).name, 'ConnectorError', printed)
  }
  assert.not.match(w.logged.join('\n'), /canary/)
})

given('a sign-in that was forgotten does not come back with a refusal that is kept', async ({ opened, server, tokens }) => {
  const bars = () => ({ code: 'user_not_in_organization', words: 'Not at home.', todo: 'Add the user.' })
  const connection = opened({ transport: { bars: ({ status }) => (status === 403 ? bars() : undefined) } })
  await get(connection)
  const [row] = await tokens.list()
  await tokens.delete(row?.name ?? '')
  server.answers.push({ status: 403 })
  assert.is((await failure(get(connection))).code, 'user_not_in_organization')
  assert.equal(await tokens.list(), [])
})

given('what is kept of a refusal by the system holds no token that it repeats', async ({ opened, server, tokens }) => {
  const bars = ({ status, body }: HttpResponse) =>
    status === 403 ? { code: 'user_not_in_organization', words: `You sent ${body}.`, todo: 'Add the user.' } : undefined
  server.answers.push({ status: 403, body: 'Bearer at-canary-1' })
  await failure(get(opened({ transport: { bars } })))
  assert.match(tokens.record().barred?.words ?? '', 'You sent Bearer ***.')
})

given('tokens that live longer than dates go are kept', async ({ opened, server, tokens }) => {
  server.grant = { expires_in: 1e300, refresh_token_expires_in: 1e300 }
  assert.is((await get(opened())).status, 200)
  assert.match(tokens.record().access?.expiresAt ?? '', '2126')
})

given('tokens that were obtained are masked', async ({ opened, mask }) => {
  await get(opened())
  assert.is(mask.mask('at-canary-1 rt-canary-1 secret-canary-1 rt-canary-given'), '*** *** *** ***')
})

test.run()
