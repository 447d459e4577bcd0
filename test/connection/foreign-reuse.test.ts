import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { foreignConnection, foreignServer } from '../support/foreign-server.ts'
import { recipeFolder } from '../support/recipes.ts'
import { watching } from '../support/watching.ts'

const test = suite('connection: refresh tokens that count once')

const recipe = (table: string) => `name: Changes of ${table}
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_changed, every: 100ms, with: { table: ${table}, columns: [createdon] } }
steps:
  - action: files.append
    with: { path: ${table}.jsonl, row: { id: "\${{ trigger.id }}" } }
`

test('two processes renew twenty times over one store, and no refresh token is ever sent twice, which would end the grant', async () => {
  const server = await foreignServer({ accessLife: 2, refreshLife: 600, rotate: true })
  const first = await server.refreshToken('public')
  const cwd = recipeFolder({
    'crm.connection.yaml': foreignConnection('public', 'refresh_token', 'refresh_token: ${{ secrets.D365_REFRESH_TOKEN }}\n'),
    'accounts.yaml': recipe('account'),
    'contacts.yaml': recipe('contact'),
  })
  const options = { cwd, env: { ...server.env, D365_REFRESH_TOKEN: first } }
  const both = ['accounts.yaml', 'contacts.yaml'].map((file) => watching([file], options))
  try {
    while (server.asked.all.length < 20) {
      const { error } = await server.asked.next(() => true)
      assert.is(error, undefined)
    }
    for (const { lines, summary } of both) {
      lines.skip()
      await summary('nothing')
      assert.equal(
        lines.all.filter(({ type, outcome }) => type === 'summary' && outcome !== 'nothing'),
        [],
      )
    }

    // That the server minds is seen when somebody else sends the first one again.
    const form = { grant_type: 'refresh_token', client_id: 'public', refresh_token: first }
    const again = await fetch(`${server.url}/contoso/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(form) })
    assert.is(again.status, 400)
    for (const { lines } of both) await lines.next(({ type, code }) => type === 'trigger_error' && code === 'reconnect_needed')
    const refused = server.asked.all.filter(({ error }) => error !== undefined)
    assert.equal([refused.length, refused[0]?.why], [2, 'refresh token already used'])
  } finally {
    for (const watch of both) await watch.stop('SIGKILL')
    await server.close()
  }
})

test.run()
