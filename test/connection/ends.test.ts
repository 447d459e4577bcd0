import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { keepAlive } from '../../runner/commands/keep-alive.ts'
import { endWarnings, isSoon } from '../../runner/connection/index.ts'
import type { OAuthSettings } from '../../runner/connector/index.ts'
import { entraError, type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { type TestPorts, testPorts, testSpec } from '../support/test-connection.ts'

const test = suite('connection: what ends, and when')
const hour = 3_600_000
const day = 24 * hour

interface World extends TestPorts {
  server: OrganizationServer
  /** Uses the connection as `keepalive` does. */
  kept(): ReturnType<typeof keepAlive>
}

/** A connection that begins with a given refresh token. */
function given(name: string, oauth: Partial<OAuthSettings>, body: (world: World) => Promise<void>): void {
  test(name, async () => {
    const server = await organizationServer()
    const ports = testPorts()
    const spec = testSpec(server.url, { oauth })
    try {
      await body({ ...ports, server, kept: () => keepAlive(spec, { ...ports.ports, warnBeforeMs: 14 * day }) })
    } finally {
      await server.close()
    }
  })
}

const at = ({ end }: { end?: { at: string } }) => end?.at

given('Entra: 90 days from the last use, which every use moves', {}, async ({ kept, clock }) => {
  const first = await kept()
  assert.is(first.outcome, 'prolonged')
  assert.is(at(first), '2026-05-30T08:00:00.000Z')
  assert.is(first.end?.fixed, false)
  clock.pass(30 * day)
  assert.is(at(await kept()), '2026-06-29T08:00:00.000Z')
})

given('AD FS: fixed from the sign-in, where no new refresh token comes', { authority: 'adfs' }, async ({ kept, clock, server, tokens }) => {
  server.grant = { refresh_token: 'rt-canary-one', refresh_token_expires_in: 28_800 }
  const first = await kept()
  assert.is(first.outcome, 'fixed')
  assert.is(at(first), '2026-03-01T16:00:00.000Z')
  server.grant = { refresh_token: undefined }
  clock.pass(5 * hour)
  const later = await kept()
  assert.is(later.outcome, 'fixed')
  assert.is(at(later), '2026-03-01T16:00:00.000Z')
  assert.equal(later.warnings, [], 'three hours before')
  assert.is(tokens.record().refresh?.token, 'rt-canary-one')
  clock.pass(hour)
  const [warning] = (await kept()).warnings
  assert.is(warning?.code, 'sign_in_ends_soon')
  assert.match(warning?.message ?? '', /ends in 2 hours, on 2026-03-01 16:00 UTC\. Use does not prolong it.*runner connect.*SsoLifetime/)
})

given(
  'AD FS that renews its refresh tokens with a new end: use prolongs it after all',
  { authority: 'adfs' },
  async ({ kept, clock, server }) => {
    server.grant = { refresh_token_expires_in: 86_400 }
    assert.is((await kept()).outcome, 'fixed', 'not known yet')
    clock.pass(6 * hour)
    const renewed = await kept()
    assert.is(renewed.outcome, 'prolonged')
    assert.is(at(renewed), '2026-03-02T14:00:00.000Z')
    assert.match(renewed.end?.todo ?? '', /keepalive/)
  },
)

given('a single-page app: 24 hours from the first sign-in, inherited by renewed tokens', {}, async ({ kept, clock, server }) => {
  server.grant = { refresh_token_expires_in: 86_400 }
  await kept()
  clock.pass(10 * hour)
  server.grant = { refresh_token_expires_in: 14 * 3_600 }
  const told = await kept()
  assert.equal([told.outcome, at(told)], ['fixed', '2026-03-02T08:00:00.000Z'])
  clock.pass(7 * hour)
  server.grant = {}
  const untold = await kept()
  assert.equal([untold.outcome, at(untold)], ['fixed', '2026-03-02T08:00:00.000Z'])
  assert.equal(untold.warnings, [], 'seven hours before: a quarter of 24 has not begun')
  clock.pass(hour)
  assert.match((await kept()).warnings[0]?.message ?? '', /registered for a single-page app/)
})

given('an end that has passed without an effect was none', {}, async ({ kept, clock, server }) => {
  server.grant = { refresh_token_expires_in: 3_600 }
  await kept()
  clock.pass(2 * hour)
  server.grant = {}
  const lives = await kept()
  assert.equal([lives.outcome, at(lives)], ['prolonged', '2026-05-30T10:00:00.000Z'])
})

given('the day on which a client secret ends, as the settings say', { clientSecretExpires: '2026-03-15' }, async ({ kept, tokens }) => {
  const { outcome, warnings } = await kept()
  assert.is(outcome, 'prolonged')
  assert.equal(
    warnings.map(({ code, at }) => [code, at]),
    [['client_secret_ends_soon', '2026-03-15T00:00:00.000Z']],
  )
  assert.match(warnings[0]?.message ?? '', /ends in 13 days.*new secret/)
  assert.equal(
    tokens.record().ends?.map(({ what }) => what),
    ['client secret'],
    'kept for those that have no settings',
  )
})

given('a client secret whose day has passed', { clientSecretExpires: '2026-02-20' }, async ({ kept }) => {
  assert.match((await kept()).warnings[0]?.message ?? '', /client secret of "Contoso sales" ended on 2026-02-20/)
})

const until = new Date('2026-03-05T00:00:00Z')
const signing = await selfsigned.generate([{ name: 'commonName', value: 'runner' }], {
  keySize: 2048,
  notBeforeDate: new Date('2025-03-05T00:00:00Z'),
  notAfterDate: until,
})
given('a certificate: its own end', { clientCertificate: { text: `${signing.cert}\n${signing.private}` } }, async ({ kept, tokens }) => {
  const { warnings } = await kept()
  assert.equal([warnings[0]?.code, warnings[0]?.at], ['certificate_ends_soon', until.toISOString()])
  assert.not.match(JSON.stringify(tokens.record().ends), /BEGIN|canary/)
})

given(
  'an app: nothing to prolong, and nobody is asked',
  { grant: 'client_credentials', clientSecretExpires: '2027-03-15' },
  async ({ kept, server }) => {
    const { outcome, end, warnings } = await kept()
    assert.equal([outcome, end, warnings], ['by_itself', undefined, []])
    assert.is(server.tokenRequests.length, 0)
  },
)

given('a dead sign-in needs somebody; a token endpoint that is down does not', {}, async ({ kept, server, clock }) => {
  await kept()
  clock.pass(day)
  server.tokenAnswers = Array.from({ length: 6 }, () => ({ status: 503, body: 'down' }))
  const down = await kept()
  assert.equal([down.outcome, down.code], ['failed', 'token_endpoint_unavailable'])
  server.tokenAnswers = [{ status: 400, body: entraError(700082) }]
  const dead = await kept()
  assert.equal([dead.outcome, dead.code, dead.end], ['needs_person', 'reconnect_needed', undefined])
  const asked = server.tokenRequests.length
  assert.is((await kept()).outcome, 'needs_person')
  assert.is(server.tokenRequests.length, asked, 'it is not asked again')
})

given('the refresh token is used though the access token still holds', {}, async ({ kept, server, clock }) => {
  await kept()
  clock.pass(60_000)
  await kept()
  assert.equal(
    server.tokenRequests.map((form) => form.get('grant_type')),
    ['refresh_token', 'refresh_token'],
  )
  assert.is(server.tokenRequests[1]?.get('refresh_token'), 'rt-canary-1')
})

given('two at the same moment share one renewal', {}, async ({ kept, server, clock }) => {
  await kept()
  clock.pass(day)
  // The answer comes when the second one has begun to wait, which moves the clock.
  const begun = clock.now().getTime()
  server.beforeToken = async () => {
    while (clock.now().getTime() === begun) await new Promise((resolve) => setImmediate(resolve))
  }
  const both = await Promise.all([kept(), kept()])
  assert.equal(
    both.map(({ outcome }) => outcome),
    ['prolonged', 'prolonged'],
  )
  assert.is(server.tokenRequests.length, 2, 'the first sign-in, and one for both')
})

test('the lead time: 14 days, or what is set; of a short life its last quarter', () => {
  const now = new Date('2026-03-01T00:00:00Z')
  const end = (at: string, from?: string) => ({ what: 'sign-in' as const, at, fixed: true, todo: '', ...(from !== undefined && { from }) })
  const cases: [at: string, from: string | undefined, warnBeforeMs: number, soon: boolean][] = [
    ['2026-03-15T00:00:00Z', undefined, 14 * day, true],
    ['2026-03-15T00:00:01Z', undefined, 14 * day, false],
    ['2026-03-15T00:00:01Z', undefined, 15 * day, true],
    ['2026-03-10T00:00:00Z', undefined, day, false],
    ['2026-02-01T00:00:00Z', undefined, 14 * day, true],
    ['2026-03-15T00:00:00Z', '2025-12-15T00:00:00Z', 14 * day, true],
    ['2026-03-01T02:00:00Z', '2026-02-28T18:00:00Z', 14 * day, true],
    ['2026-03-01T02:00:01Z', '2026-02-28T18:00:01Z', 14 * day, false],
    ['2026-03-01T02:00:00Z', '2026-02-28T18:00:00Z', hour, false],
  ]
  for (const [at, from, lead, soon] of cases) assert.is(isSoon(end(at, from), now, lead), soon, `${at} from ${from} with ${lead}`)
})

test('how long it still is', () => {
  const now = new Date('2026-03-01T00:00:00Z')
  const said = (at: string) => endWarnings('x', [{ what: 'sign-in', at, fixed: true, todo: 'Do.' }], now, 14 * day)[0]?.message
  assert.is(said('2026-03-03T00:00:00Z'), 'The sign-in of "x" ends in 2 days, on 2026-03-03 00:00 UTC. Do.')
  assert.is(said('2026-03-02T23:59:00Z'), 'The sign-in of "x" ends in 47 hours, on 2026-03-02 23:59 UTC. Do.')
  assert.is(said('2026-03-01T00:00:30Z'), 'The sign-in of "x" ends in a minute, on 2026-03-01 00:00 UTC. Do.')
})

test.run()
