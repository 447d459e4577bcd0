import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import dynamics365 from '../../connectors/dynamics365/connection.ts'
import { publicClientId } from '../../connectors/dynamics365/sandbox/identity/directory.ts'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { connect } from '../../runner/commands/connect.ts'
import type { Invitation } from '../../runner/connection/index.ts'
import { type ConnectionSpec, signIn, type Way } from '../../runner/connection/index.ts'
import type { RunningSandbox } from '../../runner/connector/index.ts'
import { adfsSettings } from '../support/adfs-settings.ts'
import { failure } from '../support/failure.ts'
import { whoAmI as statusOf, type TestPorts, testPorts } from '../support/test-connection.ts'

const test = suite('connection: sign-in of a person on another device, against the sandbox')

type Person = (invitation: Invitation, turn: number) => Promise<string | undefined>

interface World extends TestPorts {
  sandbox: RunningSandbox
  spec: ConnectionSpec
  /** The person acts when invited, and each time that the runner waits. */
  signedIn(way: Way, person: Person): Promise<Awaited<ReturnType<typeof signIn>>>
  polls(): Promise<number>
  control(path: string, body: unknown): Promise<void>
}

const forms = {
  entra: (sandbox: RunningSandbox) => ({
    ...sandbox.settings,
    client_id: publicClientId,
    client_secret: undefined,
    auth: 'authorization_code',
  }),
  adfs: (sandbox: RunningSandbox) => ({ ...adfsSettings(sandbox), client_id: publicClientId }),
}

function given(name: string, body: (world: World) => Promise<void>, kinds: (keyof typeof forms)[] = ['entra', 'adfs']): void {
  for (const kind of kinds)
    test(`${kind}: ${name}`, async () => {
      const ports = testPorts()
      const sandbox = await startSandbox({ clock: ports.clock.now, accessTokenTtl: 3_600 })
      const spec: ConnectionSpec = {
        connector: dynamics365,
        name: 'Sandbox',
        environment: 'default',
        folder: '/',
        settings: forms[kind](sandbox),
      }
      const sleep = ports.clock.sleep
      try {
        await body({
          ...ports,
          sandbox,
          spec,
          async signedIn(way, person) {
            let invited: Invitation | undefined
            let turn = 0
            const clock = {
              ...ports.clock,
              async sleep(ms: number, signal?: AbortSignal) {
                if (way === 'device') await person(invited!, turn++)
                await sleep(ms, signal)
              },
            }
            return signIn(
              spec,
              { ...ports.ports, clock },
              {
                way,
                signal: new AbortController().signal,
                show(invitation) {
                  invited = invitation
                },
                readAnswer: async () => (await person(invited!, turn++)) ?? '',
              },
            )
          },
          async polls() {
            const { token } = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { token: Record<string, number> }
            return token['urn:ietf:params:oauth:grant-type:device_code'] ?? token.device_code ?? 0
          },
          async control(path, form) {
            const answer = await fetch(`${sandbox.url}/sandbox/${path}`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(form),
            })
            assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`)
          },
        })
      } finally {
        await sandbox.close()
      }
    })
}

/** Enters the code at the third look. */
const onAnotherDevice =
  (decision: string): Person =>
  async ({ address, code }, turn) => {
    if (turn !== 2) return undefined
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams({ code: code!, decision }) })
    assert.is(answer.status, 200, await answer.text())
    return undefined
  }

/** Goes through the page of the address, and brings back where the browser ended. */
const elsewhere =
  (decision: string): Person =>
  async ({ address }) => {
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' })
    return `  ${answer.headers.get('location')}\n`
  }

const whoAmI = (world: World) => statusOf(world, world.spec)

given('with a device code: the runner waits until the person is done, and the connection renews by itself', async (world) => {
  const { signedIn, polls, clock } = world
  const { who, canRenew } = await signedIn('device', onAnotherDevice('sign_in'))
  assert.match(who ?? '', /@/)
  assert.is(canRenew, true)
  assert.is(await polls(), 3)
  assert.is(await whoAmI(world), 200)
  clock.pass(3_600_000)
  assert.is(await whoAmI(world), 200)
})

given('by an address that is brought back: state and proof key bind it', async (world) => {
  const { who } = await world.signedIn('paste', elsewhere('sign_in'))
  assert.match(who ?? '', /@/)
  assert.is(await whoAmI(world), 200)
})

given('declined on the other device', async ({ signedIn, tokens }) => {
  const error = await failure(signedIn('device', onAnotherDevice('cancel')))
  assert.is(error.code, 'sign_in_refused')
  assert.equal(await tokens.list(), [])
})

given('nobody enters the code in time', async ({ signedIn, clock }) => {
  const began = clock.now().getTime()
  const error = await failure(signedIn('device', async () => undefined))
  assert.is(error.code, 'sign_in_timeout')
  assert.match(error.message, /15 minutes/)
  assert.ok(clock.now().getTime() - began >= 900_000)
})

given(
  'the token endpoint is away for a while, or busy: the runner goes on asking',
  async ({ signedIn, control }) => {
    await control('faults', { fault: 'status', on: 'token', path: '/token', status: 503, times: 2 })
    const { who } = await signedIn('device', onAnotherDevice('sign_in'))
    assert.match(who ?? '', /@/)
  },
  ['entra'],
)

given(
  'an app that is not allowed as a public client is told so',
  async ({ spec, signedIn, sandbox }) => {
    Object.assign(spec.settings, { client_id: sandbox.settings.client_id, client_secret: sandbox.settings.client_secret })
    const error = await failure(signedIn('device', async () => undefined))
    assert.match(error.message, /AADSTS7000218/)
  },
  ['entra'],
)

given('what is brought back is not the address, is of another sign-in, or tells of a refusal', async ({ signedIn, tokens }) => {
  assert.match((await failure(signedIn('paste', async () => 'code=abc'))).message, /whole address/)
  assert.match((await failure(signedIn('paste', async () => ''))).message, /whole address/)
  const other = await failure(signedIn('paste', async () => 'http://localhost/?code=stolen&state=guess'))
  assert.is(other.code, 'sign_in_refused')
  const cancelled = await failure(signedIn('paste', elsewhere('cancel')))
  assert.match(cancelled.message, /access_denied/)
  assert.equal(await tokens.list(), [])
})

given('what is printed names address and code, and nothing secret', async ({ spec, ports, clock }) => {
  let out = ''
  const io = {
    ...ports,
    isTTY: false,
    platform: process.platform,
    signal: AbortSignal.abort(new Error('stopped')),
    readLine: async () => '',
    out: (text: string) => (out += text),
    clock,
  }
  await connect(
    spec,
    { way: 'device', open: false },
    {
      ...io,
      signal: new AbortController().signal,
      clock: {
        ...clock,
        sleep: async () => {
          throw new Error('stopped')
        },
      },
    },
  ).catch(() => undefined)
  assert.match(out, /on any device, until \S+:\n {2}http\S+\n {2}code [A-Z2-9]{9}\n/)
  assert.not.match(out, /sbx-device/)
})

test.run()
