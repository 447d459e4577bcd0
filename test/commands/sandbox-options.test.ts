import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

const options = suite('options of runner sandbox, from the command line')
const example = join(import.meta.dirname, '../../examples/sandbox-scenario')

/** A folder with the example of a scenario in it. */
function workplace(): string {
  const folder = tempFolder()
  cpSync(example, folder, { recursive: true })
  return folder
}

async function withSandbox(cwd: string, args: string[], use: (sandbox: SandboxProcess) => Promise<void>): Promise<void> {
  const sandbox = await sandboxProcess(cwd, args)
  try {
    await use(sandbox)
  } finally {
    await sandbox.close()
  }
}

async function asked({ url }: SandboxProcess, path: string) {
  return (await (await fetch(`${url}/sandbox/${path}`)).json()) as Record<string, unknown>
}

options('each does what it says, and flags win over the scenario', async () => {
  const cwd = workplace()
  const args = '--port 0 --data data/accounts.csv --data data/hrb_vessels.csv --metadata tables.json --access-token-ttl 7m'
  const more =
    '--refresh-token-ttl 1d --limits requests=50 --auth off --scenario scenario.yaml --persist kept.db --switch read_only_column=refuse'
  await withSandbox(cwd, [...args.split(' '), ...more.split(' ')], async (sandbox) => {
    const vessel = await sandbox.api('GET', "hrb_vessels(hrb_imo='9074729')?$select=hrb_name&$expand=hrb_operator($select=name)")
    assert.equal([vessel.body.hrb_name, vessel.body.hrb_operator.name], ['Aurora', 'North Sea Lines'])
    assert.is((await asked(sandbox, 'limits')).requests, 50)
    assert.match(String((await asked(sandbox, 'clock')).now), /^2026-03-01T10:/)
    const { switches } = (await asked(sandbox, 'switches')) as { switches: { name: string; value: unknown }[] }
    const value = (name: string) => switches.find((one) => one.name === name)?.value
    assert.equal([value('read_only_column'), value('null_property_status')], ['refuse', 200])
    const anyone = await fetch(`${sandbox.url}/api/data/v9.2/WhoAmI`, { headers: { authorization: 'Bearer any' } })
    assert.is(anyone.status, 200)
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: sandbox.env.D365_CLIENT_ID!,
      refresh_token: sandbox.refresh_token,
    })
    body.append('client_secret', sandbox.env.D365_CLIENT_SECRET!)
    const answer = await fetch(`${sandbox.url}/${sandbox.env.D365_TENANT}/oauth2/v2.0/token`, { method: 'POST', body })
    assert.is(((await answer.json()) as { expires_in: number }).expires_in, 420)
  })
  const other = await cli(['sandbox', '--json', '--persist', 'kept.db'], { cwd })
  assert.is(other.code, 2)
  assert.match(other.stderr, /kept\.db was written by a sandbox with other tables\..*\[sandbox_file_unusable\]/)
})

options('a value that it does not take is a usage error that says what it takes', async () => {
  const cwd = workplace()
  writeFileSync(join(cwd, 'wrong.yaml'), 'auth: maybe\n')
  const cases: [args: string, said: RegExp][] = [
    ['--port high', /^`--port` must be a whole number, not `high`\./],
    ['--data nowhere', /nowhere cannot be read \(ENOENT\)\. \[sandbox_data_invalid\]/],
    ['--metadata README.md', /README\.md is neither XML nor JSON\. .*\[sandbox_metadata_invalid\]/],
    ['--access-token-ttl 5x', /^`--access-token-ttl`: `5x` is no duration\. Write it as 90s, 5m or 1h30m\./],
    ['--refresh-token-ttl 900d', /`refreshTokenTtl` must be a whole number of seconds up to a year\./],
    ['--limits many', /^Limits are `off`, `real`, or a list/],
    ['--auth maybe', /`auth` must be `on` or `off`\./],
    ['--scenario wrong.yaml', /wrong\.yaml:1:7: `auth` cannot be `maybe`\. It can be on, off\. \[sandbox_scenario_invalid\]/],
    ['--persist tables.json', /tables\.json: file is not a database \[sandbox_file_unusable\]/],
    ['--switch read_only_column=maybe', /^The switch `read_only_column` can be ignore, refuse\./],
  ]
  const results = await Promise.all(cases.map(([args]) => cli(['sandbox', '--json', ...args.split(' ')], { cwd })))
  for (const [index, { code, stdout, stderr }] of results.entries()) {
    const [args, said] = cases[index]!
    assert.equal([code, stdout], [2, ''], args)
    assert.match(stderr, said, args)
  }
})

options.run()
