import { Writable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import dynamics365 from '../../connectors/dynamics365/connection.ts'
import { UsageError } from '../../runner/commands/program.ts'
import { type SandboxCommandOptions, sandbox } from '../../runner/commands/sandbox.ts'
import type { Catalog, ConnectorEntry } from '../../runner/connector/index.ts'

const command = suite('runner sandbox')

const entry: ConnectorEntry = {
  name: 'dynamics365',
  title: '',
  description: '',
  settings: {},
  rules: [],
  auth: true,
  sandbox: true,
  operations: {},
  load: async () => dynamics365,
}
const catalog: Catalog = { dynamics365: entry, files: { ...entry, name: 'files', sandbox: false } }

/** Runs the command until its first output has been looked at. */
async function serve(options: SandboxCommandOptions, look: (text: string) => Promise<void>): Promise<number> {
  const stop = new AbortController()
  let looked: Promise<void> | undefined
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      looked = look(String(chunk)).finally(() => stop.abort())
      done()
    },
  })
  const code = await sandbox(options, { stdout, stderr: new Writable(), signal: stop.signal }, catalog)
  await looked
  return code
}

command('--json prints one line that connects, and the stop signal ends it', async () => {
  let url = ''
  const code = await serve({ json: true, accessTokenTtl: 7 }, async (text) => {
    assert.is(text.indexOf('\n'), text.length - 1)
    const connection = JSON.parse(text) as Record<'url' | 'authority' | 'tenant' | 'client_id' | 'client_secret' | 'refresh_token', string>
    url = connection.url
    const { authority, tenant, client_id, client_secret, refresh_token } = connection
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id, client_secret, refresh_token })
    const answer = await fetch(`${authority}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
    assert.is(((await answer.json()) as { expires_in: number }).expires_in, 7)
  })
  assert.is(code, 0)
  assert.is(await fetch(url).catch(() => 'gone'), 'gone')
})

command('without --json it tells a person what to do, and no secret', async () => {
  const code = await serve({}, async (text) => {
    assert.match(text, /runner run recipe\.yaml --sandbox http:\/\/127\.0\.0\.1:\d+/)
    assert.match(text, /\/sandbox\/refresh-tokens\/kill/)
    assert.not.match(text, /sbx-/)
  })
  assert.is(code, 0)
})

command('a signal that came first ends it at once', async () => {
  const streams = { stdout: new Writable({ write: (_chunk, _encoding, done) => done() }), stderr: new Writable() }
  assert.is(await sandbox({ json: true }, { ...streams, signal: AbortSignal.abort() }, catalog), 0)
})

command('a connector without sandbox, an unknown one and a wrong option are usage errors', async () => {
  const cases: [SandboxCommandOptions, RegExp][] = [
    [{ connector: 'files' }, /no sandbox for `files`\. Connectors that bring one: dynamics365\./],
    [{ connector: 'sap' }, /no sandbox for `sap`/],
    [{ port: 70_000 }, /`port` must be a port number\. \[sandbox_option_invalid\]/],
  ]
  for (const [options, text] of cases)
    try {
      await serve(options, async () => {})
      assert.unreachable()
    } catch (error) {
      assert.instance(error, UsageError)
      assert.match((error as Error).message, text)
    }
})

command.run()
