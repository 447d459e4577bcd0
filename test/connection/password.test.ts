import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import dynamics365 from '../../connectors/dynamics365/connection.ts'
import { publicClientId } from '../../connectors/dynamics365/sandbox/identity/directory.ts'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { type ConnectionSpec, keptSignIns, signIn } from '../../runner/connection/index.ts'
import { adfsSettings } from '../support/adfs-settings.ts'
import { failure } from '../support/failure.ts'
import { type TestPorts, testPorts, whoAmI } from '../support/test-connection.ts'

const test = suite('connection: user name and password, on-premises')

interface World extends TestPorts {
  spec(change?: Record<string, unknown>): ConnectionSpec
  asked(change?: Record<string, unknown>): Promise<number>
  /** Grants that the token endpoint was asked for. */
  counts(): Promise<Record<string, number>>
  control(path: string, body: unknown): Promise<void>
}

async function given(body: (world: World) => Promise<void>): Promise<void> {
  const ports = testPorts()
  const sandbox = await startSandbox({ clock: ports.clock.now, accessTokenTtl: 3_600 })
  const account = (await (await fetch(`${sandbox.url}/sandbox/account`)).json()) as Record<string, string>
  const spec = (change: Record<string, unknown> = {}): ConnectionSpec => ({
    connector: dynamics365,
    name: 'Sandbox',
    environment: 'default',
    folder: '/',
    settings: { ...adfsSettings(sandbox), client_id: publicClientId, auth: 'password', ...account, ...change },
  })
  try {
    await body({
      ...ports,
      spec,
      asked: (change) => whoAmI(ports, spec(change)),
      counts: async () => ((await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { token: Record<string, number> }).token,
      async control(path, order) {
        const answer = await fetch(`${sandbox.url}/sandbox/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(order),
        })
        assert.ok(answer.ok, `${path}: ${answer.status}`)
      },
    })
  } finally {
    await sandbox.close()
  }
}

test('renews with the refresh token while that lives, and with the password when it has ended after eight hours', () =>
  given(async ({ asked, clock, counts }) => {
    for (const hour of [0, 1, 7, 1]) {
      clock.pass(hour * 3_600_000)
      assert.is(await asked(), 200)
    }
    assert.equal(await counts(), { password: 2, refresh_token: 3 })
  }))

test('a wrong password is sent once and never again, whatever time passes, until it is changed', () =>
  given(async ({ asked, clock, counts, open, spec }) => {
    const wrong = { password: 'wrong-password-canary' }
    const error = await failure(asked(wrong))
    assert.equal(
      [error.kind, error.code, error.details.sign_in, error.details.number],
      ['auth', 'reconnect_needed', 'password', 'MSIS9659'],
    )
    assert.match(error.message, /Correct user name or password/)
    assert.not.match(error.message, /canary|runner connect/)
    for (const hours of [0, 2, 1_000]) {
      clock.pass(hours * 3_600_000)
      assert.is((await failure(asked(wrong))).message, error.message)
    }
    assert.is((await open(spec(wrong)).signInNeeded())?.kind, 'password')
    assert.equal(await counts(), { password: 1 })
    assert.is(await asked(), 200)
    assert.equal(await counts(), { password: 2 })
  }))

test('each opening warns, without the password', () =>
  given(async ({ asked, logged }) => {
    await asked()
    await asked()
    assert.is(logged.length, 2)
    assert.match(logged[0] ?? '', /meant for labs.*"connection":"Sandbox"/)
  }))

test('it needs nobody to sign in, and is listed as what signs in by itself', () =>
  given(async ({ spec, ports, asked, tokens, clock, open, control }) => {
    const never = () => {
      throw new Error('somebody is asked')
    }
    const options = { way: 'paste', signal: new AbortController().signal, show: never, readAnswer: never } as const
    assert.is((await failure(signIn(spec(), ports, options))).code, 'sign_in_not_needed')
    assert.is(await open(spec()).signInNeeded(), undefined, 'also before its first use')
    await asked()
    clock.pass(365 * 24 * 3_600_000)
    await control('refresh-tokens/kill', {})
    const [kept] = await keptSignIns(tokens, clock.now())
    assert.equal([kept?.state, kept?.actor, kept?.ends], ['access_expired', 'account', []])
  }))

test('the password is masked', () =>
  given(async ({ open, spec, mask }) => {
    open(spec())
    assert.is(mask.mask(`it is ${spec().settings.password}.`), 'it is ***.')
  }))

test.run()
