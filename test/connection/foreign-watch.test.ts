import { setTimeout as delay } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { type ForeignOptions, type ForeignServer, foreignConnection, foreignServer, type TokenRequest } from '../support/foreign-server.ts'
import { recipeFolder } from '../support/recipes.ts'
import { signIn } from '../support/sign-in.ts'
import { type Watching, watching } from '../support/watching.ts'

/** Access tokens of two seconds and refresh tokens of four, by the real time of a server that we did not write. */
const test = suite('connection: a recipe on --watch lives from renewals')

const recipe = `name: Accounts
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_changed, every: 500ms, with: { table: account, columns: [name] } }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.name }}" } }
`

interface World extends ForeignServer {
  watch: Watching
  /** In a process of its own. */
  connect(): Promise<void>
  runs(): Promise<Record<string, unknown>[]>
}

function given(name: string, client: 'public' | 'confidential', options: ForeignOptions, body: (world: World) => Promise<void>): void {
  test(name, async () => {
    const server = await foreignServer(options)
    const cwd = recipeFolder({ 'crm.connection.yaml': foreignConnection(client, 'authorization_code'), 'recipe.yaml': recipe })
    const place = { cwd, env: server.env }
    const watch = watching(['recipe.yaml'], place)
    try {
      await body({
        ...server,
        watch,
        async connect() {
          const { code, output } = await signIn(['recipe.yaml'], { ...place, person: server.person })
          assert.is(code, 0, output)
        },
        runs: async () => (await cli(['runs', 'recipe.yaml', '--json'], place)).lines,
      })
    } finally {
      await watch.stop('SIGKILL')
      await server.close()
    }
  })
}

/** Nothing was refused before the refresh token was dead, by the server's own clock. */
function diedOnlyOfAge(asked: readonly TokenRequest[]): void {
  let ends = 0
  for (const { error, at, refreshEnds } of asked) {
    if (error !== undefined) assert.ok(at >= ends, JSON.stringify(asked))
    ends = refreshEnds ?? ends
  }
}

const isRefresh = ({ grant }: TokenRequest) => grant === 'refresh_token'
const isRefused = ({ error }: TokenRequest) => error !== undefined
const triggerErrors = ({ lines }: Watching, since = 0) =>
  lines.all.slice(since).flatMap(({ type, code }) => (type === 'trigger_error' ? [code] : []))

/** Waits for ten renewals in a row, with a row in between. A machine that stalls for longer than a refresh token lives has really killed it: then all begins anew. */
async function tenRenewals({ asked, watch, connect, create }: World): Promise<void> {
  let since = watch.lines.all.length
  for (let renewed = 0; renewed < 10; renewed++) {
    if (renewed === 5) await create('accounts', { name: 'Petrel' })
    const { error } = await asked.next(isRefresh)
    if (error === undefined) continue
    diedOnlyOfAge(asked.all)
    renewed = -1
    await connect()
    watch.lines.skip()
    await watch.summary('nothing')
    since = watch.lines.all.length
  }
  assert.equal(triggerErrors(watch, since), [])
  assert.ok(watch.lines.all.slice(since).some(({ type, events }) => type === 'summary' && events === 1))
}

/** Each due poll from here on is a trigger error that asks for a person, and none asks the token endpoint. */
async function waitsForAPerson({ asked, watch }: World, code: string): Promise<void> {
  const before = asked.all.length
  watch.lines.skip()
  for (let polls = 0; polls < 3; polls++) {
    const { message } = await watch.lines.next(({ type, code: told }) => type === 'trigger_error' && told === code)
    assert.match(String(message), '`runner connect`')
    await watch.summary('trigger_error')
  }
  assert.is(asked.all.length, before)
}

given(
  'ten renewals; then a person is asked for when the refresh token has died of age or was taken back, and not before',
  'public',
  // A sign-in lasts until the watching process has found it, however slow the machine is.
  { accessLife: 2, refreshLife: 60, renewedLife: 4, rotate: true },
  async (world) => {
    const { watch, asked, connect, create, revoke, runs } = world
    await waitsForAPerson(world, 'sign_in_needed')
    assert.equal(asked.all, [])
    await connect()
    await watch.summary('nothing')
    await tenRenewals(world)

    watch.process.kill('SIGSTOP')
    while (Date.now() / 1_000 < (asked.all.at(-1)?.refreshEnds as number)) await delay(50)
    watch.process.kill('SIGCONT')
    assert.is((await asked.next(isRefused)).error, 'invalid_grant')
    // From here on no poll succeeds, so that the row is found by the new sign-in alone.
    await create('accounts', { name: 'Auk' })
    await waitsForAPerson(world, 'reconnect_needed')
    diedOnlyOfAge(asked.all)
    await connect()
    await watch.summary('ok', { events: 1 })

    await asked.next(isRefresh)
    const since = watch.lines.all.length
    await revoke()
    assert.is((await asked.next(isRefused)).error, 'invalid_grant')
    assert.equal(triggerErrors(watch, since), [])
    await waitsForAPerson(world, 'reconnect_needed')
    assert.is(await watch.stop(), 3)
    const [last] = (await runs()) as { outcome: string; error: { code: string } }[]
    assert.equal([last?.outcome, last?.error.code], ['trigger_error', 'reconnect_needed'])
  },
)

given(
  'without rotation the sign-in ends four seconds after it, with the first renewal that comes later',
  'confidential',
  { accessLife: 2, refreshLife: 4 },
  async (world) => {
    const { watch, asked, connect } = world
    await waitsForAPerson(world, 'sign_in_needed')
    await connect()
    await asked.next(isRefused)
    await waitsForAPerson(world, 'reconnect_needed')
    diedOnlyOfAge(asked.all)
    assert.is(await watch.stop('SIGINT'), 3)
  },
)

test.run()
