import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type CliResult, cli } from '../support/cli.ts'
import { type ForeignServer, foreignConnection, foreignServer } from '../support/foreign-server.ts'
import { recipeFolder } from '../support/recipes.ts'
import { signIn } from '../support/sign-in.ts'

const test = suite('connection: sign-in at an authorization server that we did not write')

const recipe = `name: Accounts
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_changed, since: beginning, with: { table: account, columns: [name] } }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.name }}" } }
`

interface World extends ForeignServer {
  cwd: string
  run(): Promise<CliResult>
  connect(...args: string[]): Promise<void>
  /** Leaves the pages by the link with which they are declined. */
  declined(): ReturnType<typeof signIn>
  secret(name: string, value: string): void
  /** Grants that were asked for, in order; a refusal with its `error`. */
  grants(): string[]
}

/** Access tokens of two seconds; refresh tokens last while processes are started. */
function given(name: string, connection: string, body: (world: World) => Promise<void>): void {
  test(name, async () => {
    const server = await foreignServer({ accessLife: 2, refreshLife: 600, rotate: true })
    const cwd = recipeFolder({ 'crm.connection.yaml': connection, 'recipe.yaml': recipe })
    const options = { cwd, env: { ...server.env } }
    try {
      await body({
        ...server,
        cwd,
        run: () => cli(['run', 'recipe.yaml', '--json'], options),
        async connect(...args) {
          const { code, output } = await signIn(['recipe.yaml', ...args], { ...options, person: server.person })
          assert.is(code, 0, output)
          assert.match(output, 'Signed in as ada@contoso.example.')
          assert.not.match(output, 'No refresh token came')
        },
        declined: () => signIn(['recipe.yaml'], { ...options, person: server.declines }),
        secret(name, value) {
          options.env[name] = value
        },
        grants: () => server.asked.all.map(({ grant, error }) => [grant.split(':').at(-1), error].filter(Boolean).join(' ')),
      })
    } finally {
      await server.close()
    }
  })
}

/** Runs until the access token had to be renewed, which is at its half life. */
async function runsAndRenews({ run, grants, create }: World): Promise<void> {
  await create('accounts', { name: 'Petrel' })
  const first = await run()
  assert.is(first.code, 0, first.stderr + first.stdout)
  assert.is.not(first.lines.at(-1)?.events, 0)
  const before = grants().length
  while (!grants().slice(before).includes('refresh_token')) {
    const { code, stderr } = await run()
    assert.is(code, 0, stderr)
  }
}

for (const client of ['confidential', 'public'] as const)
  given(`authorization code with PKCE, ${client} client`, foreignConnection(client, 'authorization_code'), async (world) => {
    await world.connect()
    assert.equal(world.grants(), ['authorization_code'])
    await runsAndRenews(world)
  })

given('device code', foreignConnection('public', 'authorization_code'), async (world) => {
  await world.connect('--device')
  assert.is(world.grants().at(-1), 'device_code')
  await runsAndRenews(world)
})

given('client credentials', foreignConnection('confidential', 'client_credentials'), async ({ run, grants, create }) => {
  await create('accounts', { name: 'Petrel' })
  do {
    const { code, stderr, stdout } = await run()
    assert.is(code, 0, stderr + stdout)
  } while (grants().length < 2)
  assert.equal(new Set(grants()), new Set(['client_credentials']))
})

given(
  'a given refresh token',
  foreignConnection('confidential', 'refresh_token', 'refresh_token: ${{ secrets.D365_REFRESH_TOKEN }}\n'),
  async (world) => {
    world.secret('D365_REFRESH_TOKEN', await world.refreshToken('confidential'))
    await runsAndRenews(world)
  },
)

given('a wrong secret is told apart from a dead sign-in', foreignConnection('confidential', 'authorization_code'), async (world) => {
  await world.connect()
  world.secret('D365_CLIENT_SECRET', 'another-secret')
  while (world.grants().length === 1) await world.run()
  const { code, lines } = await world.run()
  assert.equal([code, lines.find(({ type }) => type === 'trigger_error')?.code], [3, 'credentials_refused'])
  assert.equal(world.grants(), ['authorization_code', 'refresh_token invalid_client'])
  world.secret('D365_CLIENT_SECRET', world.env.D365_CLIENT_SECRET as string)
  await runsAndRenews(world)
})

given('the sign-in is declined on the pages', foreignConnection('public', 'authorization_code'), async (world) => {
  const { code, output } = await world.declined()
  assert.is(code, 1)
  assert.match(output, 'access_denied')
  assert.match(output, '[sign_in_refused]')
  assert.equal(world.grants(), [])
})

test.run()
