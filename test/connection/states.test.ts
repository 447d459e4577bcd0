import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { OpenConnection } from '../../runner/connection/index.ts'
import { kinds, type State, stateOf, type Transition, transitions } from '../../runner/connection/states.ts'
import type { TokenRecord } from '../../runner/connection/token-store.ts'
import type { Bar, ConnectorError, HttpResponse } from '../../runner/connector/index.ts'
import { type Answer, entraError, type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { type TestPorts, type TestSpec, testPorts, testSpec } from '../support/test-connection.ts'

const test = suite('connection: each transition of the state machine')
const minute = 60_000

interface World extends TestPorts {
  server: OrganizationServer
  connection: OpenConnection
  opened(more?: TestSpec): OpenConnection
  /** The state that the store tells, as `runner connections` reads it. */
  state(): Promise<State>
  /** A good request. */
  use(connection?: OpenConnection): Promise<HttpResponse>
  /** One that fails. */
  fails(connection?: OpenConnection): Promise<ConnectorError>
  /** The access token ends. */
  expire(): void
}

const bars = ({ status, body }: HttpResponse): Bar | undefined =>
  status === 403 && body.includes('0x80072560')
    ? { code: 'user_not_in_organization', words: 'Not a member.', todo: 'Add the user.' }
    : undefined

const refusal = (number: number, error = 'invalid_grant', more = {}): Answer => ({ status: 400, body: entraError(number, error, more) })
const sixTimes = (answer: Answer) => Array.from({ length: 6 }, () => answer)
const claims = '{"access_token":{"nbf":{"essential":true,"value":"1795496100"}}}'
const claimsChallenge: Answer = {
  status: 401,
  headers: {
    'www-authenticate': `Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize", error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`,
  },
}

/** Brings the connection into a state, with the real answers of the other side. */
const into: Record<Exclude<State, 'forbidden' | 'refreshing'>, (world: World) => Promise<unknown>> = {
  new: async () => {},
  connected: ({ use }) => use(),
  access_expired: async ({ use, expire }) => {
    await use()
    expire()
  },
  degraded: ({ server, fails }) => {
    server.tokenAnswers.push(...sixTimes({ status: 503, body: 'busy' }))
    return fails()
  },
  reconnect_needed: ({ server, fails }) => {
    server.tokenAnswers.push(refusal(700082))
    return fails()
  },
  config_error: ({ server, fails }) => {
    server.tokenAnswers.push({ status: 401, body: entraError(7000215, 'invalid_client') })
    return fails()
  },
  disconnected: async ({ server, use, expire }) => {
    server.grant = { refresh_token: undefined }
    await use()
    server.grant = {}
    expire()
  },
}

/** State while the token endpoint is being asked. */
async function during(world: World, then: () => Promise<unknown>): Promise<State> {
  let seen: State | undefined
  world.server.beforeToken = async () => {
    seen ??= await world.state()
  }
  await then()
  assert.ok(seen, 'the token endpoint was asked')
  return seen
}

type Walk = (world: World, from: State) => Promise<void>

/** How each transition is made to happen, and what must be true behind it besides the state. */
const walks: Record<keyof typeof transitions, Walk | 'elsewhere'> = {
  // What a person does is walked by the tests of `runner connect`.
  signed_in: 'elsewhere',
  declined: 'elsewhere',
  forgotten: 'elsewhere',
  async signed_in_for_once({ server, tokens, opened, use }) {
    server.grant = { refresh_token: undefined }
    await use(opened({ oauth: { grant: 'client_credentials' } }))
    assert.is(tokens.record().refresh, undefined)
  },
  async ended_for_good({ server, tokens, expire, fails, connection, clock }) {
    const stored = tokens.record()
    const { refresh: _, ...withoutRefresh } = stored
    const [row] = await tokens.list()
    await tokens.put(row?.name as string, { fingerprint: row?.fingerprint as string, payload: withoutRefresh }, row?.version as number)
    expire()
    assert.is((await fails()).code, 'sign_in_needed')
    assert.is((await connection.signInNeeded())?.kind, 'new')
    assert.is(server.tokenRequests.length, 1)
    assert.ok(clock.now())
  },
  async ended({ expire }) {
    expire()
  },
  async refused_token({ server, use, tokens }) {
    const before = tokens.record().access?.token
    server.answers.push({ status: 401 })
    await use()
    assert.is.not(tokens.record().access?.token, before)
    assert.is(server.tokenRequests.length, 2)
  },
  async wanted(world) {
    assert.is(await during(world, () => world.use(world.opened())), 'refreshing')
  },
  async renewed({ use, tokens }) {
    await use()
    assert.is(tokens.record().refresh?.token, 'rt-canary-1')
  },
  async renewed_without_rotation({ server, use, tokens }) {
    server.grant = { refresh_token: undefined }
    await use()
    assert.is(tokens.record().refresh?.token, 'rt-canary-given')
  },
  async passing({ server, fails, tokens, connection }) {
    server.tokenAnswers.push(...sixTimes({ status: 429, headers: { 'retry-after': '3' }, body: 'Too Many Requests' }))
    const error = await fails()
    assert.equal([error.code, error.kind, error.retryAfterMs], ['token_endpoint_unavailable', 'transient', 3_000])
    assert.is(tokens.record().refresh?.token, 'rt-canary-given')
    assert.is(await connection.signInNeeded(), undefined)
  },
  async recovered({ use, tokens }) {
    await use()
    assert.is(tokens.record().degraded, undefined)
  },
  async dead({ server, fails, tokens }) {
    server.tokenAnswers.push(refusal(50173, 'invalid_grant', { suberror: 'bad_token' }))
    assert.is((await fails()).code, 'reconnect_needed')
    assert.is(tokens.record().refresh, undefined)
    await fails()
    assert.is(server.tokenRequests.length, 1)
  },
  async needs_person({ server, fails, tokens, clock }) {
    server.tokenAnswers.push(refusal(50076, 'interaction_required', { claims: '{"a":1}' }))
    assert.is((await fails()).code, 'reconnect_needed')
    assert.is(tokens.record().refresh?.token, 'rt-canary-given')
    assert.is(tokens.record().mark?.claims, '{"a":1}')
    await fails()
    assert.is(server.tokenRequests.length, 1)
    clock.pass(61 * minute)
    server.tokenAnswers.push(refusal(50076, 'interaction_required'))
    const error = await fails()
    assert.is(server.tokenRequests.length, 2)
    assert.match(error.message, /since 2026-03-01T08:00:00/, 'since the first refusal')
  },
  async refused_credentials({ server, fails, tokens }) {
    server.tokenAnswers.push({ status: 401, body: entraError(7000222, 'invalid_client') })
    assert.is((await fails()).code, 'credentials_refused')
    assert.is(tokens.record().refresh?.token, 'rt-canary-given')
    await fails()
    assert.is(server.tokenRequests.length, 1)
  },
  async other_credentials({ server, connection, opened, use, expire, fails }) {
    assert.is((await fails()).code, 'credentials_refused')
    await connection.askAgain()
    await use()
    server.tokenAnswers.push({ status: 401, body: entraError(7000215, 'invalid_client') })
    expire()
    await fails()
    await use(opened({ oauth: { clientSecret: 'secret-canary-2' } }))
    expire()
  },
  async refused_fresh_token({ server, fails, state, use, clock }) {
    server.answers.push({ status: 401 }, { status: 401 })
    const error = await fails()
    assert.equal([error.kind, error.code, error.status], ['auth', 'token_refused', 401])
    clock.pass(2 * minute)
    server.answers.push({ status: 401 }, { status: 401 })
    const again = await fails()
    assert.is(again.details.since, error.details.since, 'since the first time')
    assert.match(again.message, new RegExp(`since ${error.details.since}`))
    assert.is(await state(), 'config_error')
    await use()
    assert.is(await state(), 'connected')
    server.answers.push({ status: 401 }, { status: 401 })
    clock.pass(2 * minute)
    await fails()
  },
  async not_at_home({ server, fails, opened, state, use, clock, tokens }) {
    const barred: Answer = {
      status: 403,
      body: { error: { code: '0x80072560', message: 'The user is not a member of the organization.' } },
    }
    server.answers.push(barred)
    const error = await fails()
    assert.equal([error.kind, error.code, error.status], ['auth', 'user_not_in_organization', 403])
    assert.match(error.message, /Not a member\. Add the user\./)
    const [asked, writes] = [server.tokenRequests.length, tokens.writes.length]
    clock.pass(minute)
    server.answers.push(barred)
    // Another process.
    assert.is((await fails(opened())).details.since, error.details.since)
    assert.equal([server.tokenRequests.length, tokens.writes.length], [asked, writes], 'neither asked nor written again')
    await use(opened())
    assert.is(await state(), 'connected')
    server.answers.push(barred)
    await fails()
  },
  async forbidden({ server, connection, state }) {
    server.answers.push({
      status: 403,
      body: { error: { code: '0x80040220', message: 'Principal user is missing prvReadAccount privilege' } },
    })
    assert.is((await connection.request({ method: 'GET', url: 'rows' })).status, 403, 'for the connector to judge')
    assert.is(server.tokenRequests.length, 1)
    assert.is(await state(), 'connected')
  },
  async claims(world) {
    const { server, use, fails, tokens, clock } = world
    server.answers.push(claimsChallenge)
    assert.is(await during(world, () => use()), 'refreshing')
    assert.is(server.tokenRequests[1]?.get('claims'), claims, 'the claims go along with the renewal')
    clock.pass(minute)
    server.answers.push(claimsChallenge, claimsChallenge)
    const error = await fails()
    assert.is(error.code, 'reconnect_needed')
    assert.match(error.message, /the organization answers 401 insufficient_claims/)
    assert.equal([tokens.record().mark?.kind, tokens.record().mark?.claims], ['mfa', claims])
    assert.ok(tokens.record().refresh, 'the refresh token is kept')
    // The next renewal is one without claims: what the authority gives then, the organization judges.
    clock.pass(61 * minute)
    await use()
    assert.is(server.tokenRequests.at(-1)?.get('claims'), null)
    // Refused for the sake of the claims: they are kept though the refusal does not repeat them.
    server.answers.push(claimsChallenge)
    server.tokenAnswers.push(refusal(50076, 'interaction_required'))
    await fails()
    assert.is(tokens.record().mark?.claims, claims)
  },
}

/** What is no state of the store: asked behind the walk in another way. */
const after: Partial<Record<keyof typeof transitions, State>> = {
  // A renewal that was wanted has come by then.
  wanted: 'connected',
  refused_token: 'connected',
  forbidden: 'connected',
  claims: 'reconnect_needed',
}

for (const [name, { from, to }] of Object.entries(transitions) as [keyof typeof transitions, Transition][]) {
  const walk = walks[name]
  if (walk === 'elsewhere') continue
  const begin = (from === 'any' ? (['new'] as const) : from).map((state) => (state === 'refreshing' ? 'new' : state))
  for (const state of new Set(begin as Exclude<State, 'forbidden' | 'refreshing'>[]))
    test(`${name}: from ${state} to ${to}`, async () => {
      const ports = testPorts()
      const server = await organizationServer()
      const connections: OpenConnection[] = []
      const opened = (more: TestSpec = {}) => {
        const connection = ports.open(testSpec(server.url, { ...more, transport: { bars, ...more.transport } }))
        connections.push(connection)
        return connection
      }
      const connection = opened()
      const get = (one: OpenConnection) => one.request({ method: 'GET', url: 'rows' })
      const world: World = {
        ...ports,
        server,
        connection,
        opened,
        state: async () => stateOf((await ports.tokens.list())[0]?.payload as TokenRecord | undefined, ports.clock.now()),
        async use(one = connection) {
          const answer = await get(one)
          assert.is(answer.status, 200)
          return answer
        },
        fails: (one = connection) =>
          get(one).then(
            () => assert.unreachable('it succeeded') as never,
            (thrown) => thrown,
          ),
        expire: () => ports.clock.pass(60 * minute),
      }
      try {
        await into[state](world)
        assert.is(await world.state(), state)
        await walk(world, state)
        assert.is(await world.state(), after[name] ?? to)
      } finally {
        for (const one of connections) await one.close()
        await server.close()
      }
    })
}

test('every kind of refusal does what its rule says', async () => {
  const refusals: Record<Exclude<keyof typeof kinds, 'new'>, Answer> = {
    expired: refusal(700082),
    revoked: refusal(50173),
    mfa: refusal(50076),
    consent: refusal(65001),
    policy: refusal(53003),
    password: refusal(50055, 'user_password_expired'),
    config: refusal(700016, 'unauthorized_client'),
  }
  for (const [kind, answer] of Object.entries(refusals) as [keyof typeof refusals, Answer][]) {
    const rule = kinds[kind]
    const { open, tokens, clock } = testPorts()
    const server = await organizationServer()
    const connection = open(testSpec(server.url))
    const get = () => connection.request({ method: 'GET', url: 'rows' })
    const asked = () => server.tokenRequests.length
    try {
      server.tokenAnswers.push(answer)
      const error = (await get().catch((thrown) => thrown)) as ConnectorError
      assert.equal([error.kind, error.code, error.details.sign_in], ['auth', rule.code, kind])
      assert.match(error.message, /since 2026-03-01T08:00:00/)
      assert.is(stateOf(tokens.record(), clock.now()), rule.state)
      assert.is(tokens.record().refresh === undefined, rule.refreshToken === 'dead', `${kind}: refresh token`)
      await get().catch(() => undefined)
      assert.is(asked(), 1, `${kind}: at once`)
      clock.pass(61 * minute)
      await get().catch(() => undefined)
      assert.is(asked(), rule.again === 'hour' ? 2 : 1, `${kind}: an hour later`)
      await connection.askAgain()
      await get().catch(() => undefined)
      assert.is(asked(), rule.again === 'sign-in' ? 1 : 2, `${kind}: when told to`)
    } finally {
      await connection.close()
      await server.close()
    }
  }
})

test('what may lock an account is not tried again by itself', async () => {
  const { open, clock } = testPorts()
  const server = await organizationServer()
  const connection = open(testSpec(server.url))
  server.tokenAnswers.push(refusal(50053))
  for (let i = 0; i < 3; i++) {
    await connection.request({ method: 'GET', url: 'rows' }).catch(() => undefined)
    clock.pass(61 * minute)
  }
  assert.is(server.tokenRequests.length, 1)
  await connection.askAgain()
  assert.is((await connection.request({ method: 'GET', url: 'rows' })).status, 200)
  await connection.close()
  await server.close()
})

test.run()
