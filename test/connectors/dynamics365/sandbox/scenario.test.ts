import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/index.ts'
import type { ConnectorError, RunningSandbox } from '../../../../runner/connector/index.ts'
import { tempFolder } from '../../../support/temp.ts'
import type { Body } from './data-plane.ts'

const scenario = suite('sandbox scenarios and first orders')
const root = tempFolder()
const example = join(import.meta.dirname, '../../../../examples/sandbox-scenario/scenario.yaml')

/** A scenario file in a folder of its own. */
function scenarioFile(text: string | Buffer): string {
  const file = join(mkdtempSync(join(root, 'scenario-')), 'scenario.yaml')
  writeFileSync(file, text)
  return file
}

type Ask = (method: string, path: string, body?: unknown) => Promise<{ status: number; body: Body }>

async function withSandbox(options: Record<string, unknown>, use: (ask: Ask, sandbox: RunningSandbox) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox({ auth: 'off', ...options })
  try {
    await use(async (method, path, body) => {
      const headers = { authorization: 'Bearer any', 'content-type': 'application/json' }
      const url = path.startsWith('/') ? `${sandbox.url}${path}` : `${sandbox.url}/api/data/v9.2/${path}`
      const answer = await fetch(url, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
      const text = await answer.text()
      return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text }
    }, sandbox)
  } finally {
    await sandbox.close()
  }
}

/** `code message` of the start that is refused, with the file's name instead of its path. */
async function refusal(options: Record<string, unknown>): Promise<string> {
  try {
    const sandbox = await startSandbox(options)
    await sandbox.close()
    return 'started'
  } catch (error) {
    const { code, message } = error as ConnectorError
    return `${code} ${message.replaceAll(/\S*\/(scenario\.yaml)/g, '$1')}`
  }
}

scenario('the example sets tables, rows, clock, switches, limits, privileges and faults', () =>
  withSandbox({ scenario: example }, async (ask, { notes }) => {
    assert.equal(notes, [])
    assert.match((await ask('GET', '/sandbox/clock')).body.now, /^2026-03-01T10:0\d:/)
    const vessels = await ask('GET', 'hrb_vessels?$select=hrb_name,createdon&$expand=hrb_operator($select=name)&$orderby=hrb_name')
    assert.equal(
      vessels.body.value.map((row: Body) => [row.hrb_name, row.hrb_operator.name]),
      [
        ['Aurora', 'North Sea Lines'],
        ['Kestrel', 'Baltic Ferries'],
      ],
    )
    assert.match(vessels.body.value[0].createdon, /^2026-03-01T10:00:/)
    assert.is((await ask('GET', '/sandbox/limits')).body.requests, 600)
    const account = 'accounts(6a1b7c50-3f4e-4d7a-9a51-0c1d2e3f4a5b)'
    assert.is((await ask('GET', `${account}/telephone1`)).status, 200)
    assert.is((await ask('DELETE', "hrb_vessels(hrb_imo='9074729')")).status, 403)
    assert.is((await ask('POST', 'hrb_vessels', { hrb_name: 'Late' })).status, 503)
    assert.is((await ask('POST', 'hrb_vessels', { hrb_name: 'Late' })).status, 204)
  }),
)

scenario('what is given wins over the file, of switches by name', () => {
  const file = scenarioFile('limits: real\nclock: 2026-03-01\nswitches:\n  null_property_status: 200\n  read_only_column: refuse\n')
  return withSandbox({ scenario: file, limits: 'off', switches: { null_property_status: '204' } }, async (ask) => {
    assert.equal((await ask('GET', '/sandbox/limits')).body, { limits: 'off' })
    const { switches } = (await ask('GET', '/sandbox/switches')).body
    const value = (name: string) => switches.find((one: Body) => one.name === name).value
    assert.equal([value('null_property_status'), value('read_only_column')], [204, 'refuse'])
  })
})

scenario('paths are relative to the file', () => {
  const file = scenarioFile('data: [rows/accounts.csv]\npersist: kept.db\n')
  const folder = join(file, '../rows')
  mkdirSync(folder)
  writeFileSync(join(folder, 'accounts.csv'), 'name\nA\n')
  return withSandbox({ scenario: file }, async (ask) => {
    assert.is((await ask('GET', 'accounts?$select=name')).body.value.length, 1)
  })
})

scenario('tokens live as long as it says, and the token endpoint fails as ordered', () => {
  const file = scenarioFile('auth: on\naccess_token_ttl: 2m\ntoken_failures:\n  - status: 429\n    retry_after: 5\n')
  return withSandbox({ scenario: file, auth: undefined }, async (_ask, { url, settings }) => {
    const { tenant, client_id, client_secret } = settings as Record<string, string>
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: `${url}/.default`,
      ...{ client_id, client_secret },
    } as Record<string, string>)
    const token = () => fetch(`${url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body })
    const failed = await token()
    assert.equal([failed.status, failed.headers.get('retry-after')], [429, '5'])
    assert.is(((await (await token()).json()) as Body).expires_in, 120)
    assert.is((await fetch(`${url}/api/data/v9.2/accounts`, { headers: { authorization: 'Bearer any' } })).status, 401)
  })
})

scenario('mistakes of the schema are told at once, in their order', async () => {
  const text = `port: 99999
acess_token_ttl: 5m
auth: maybe
data: 5
switches:
  null_property_status: 201
faults:
  - fault: status
    status: 700
    ms: 4
  - latency
privileges:
  - user: x
    table: account
`
  const [first, ...said] = (await refusal({ scenario: scenarioFile(text) })).split('\n')
  assert.is(first, 'sandbox_scenario_invalid scenario.yaml:1:7: `port` must be at most 65535.')
  assert.match(said[0]!, /^scenario\.yaml:2:1: There is no key `acess_token_ttl` here\. There are port, .*access_token_ttl/)
  assert.equal(said.slice(1, 5), [
    'scenario.yaml:3:7: `auth` cannot be `maybe`. It can be on, off.',
    'scenario.yaml:4:7: `data` must be a text or a list.',
    'scenario.yaml:6:25: `null_property_status` cannot be `201`. It can be 204, 200.',
    'scenario.yaml:9:13: `status` must be at most 599.',
  ])
  assert.match(said[5]!, /^scenario\.yaml:10:5: There is no key `ms` here\. There are fault, on, .*retry_after\.$/)
  assert.equal(said.slice(6), ['scenario.yaml:11:5: Item 2 must be a mapping.', 'scenario.yaml:13:5: Item 1 needs `depth`.'])
})

scenario('so is what the schema cannot tell', async () => {
  const cases: [text: string, said: RegExp][] = [
    ['limits: requests=x', /^sandbox_scenario_invalid scenario\.yaml:1:9: The limit `requests` must be a whole number/],
    ['access_token_ttl: 5x', /scenario\.yaml:1:19: `5x` is no duration\. Write it as 90s/],
    ['refresh_token_ttl: 900d', /scenario\.yaml:1:20: `refresh_token_ttl` must be a whole number of seconds up to a year\./],
    ['clock: yesterday', /scenario\.yaml:1:8: `clock` must be a moment such as/],
    ['certificates: nowhere.pem', /scenario\.yaml:1:15: \S*nowhere\.pem cannot be read \(ENOENT\)\./],
    ['certificates: scenario.yaml', /sandbox_option_invalid scenario\.yaml:1:15: `pem` must be a certificate/],
    [
      'privileges:\n  - { user: nobody, table: account, depth: none }',
      /sandbox_option_invalid scenario\.yaml:2:5: There is no user `nobody`\./,
    ],
    ['faults:\n  - fault: latency\n    pattern: "("', /scenario\.yaml:2:5: `pattern` is no regular expression/],
    ['a: 1\na: 2', /scenario\.yaml:2:1: This is no YAML: Map keys must be unique/],
    ['- a', /scenario\.yaml:1:1: The file must be a mapping\./],
    [
      'data: ~\nauth: no',
      /^sandbox_scenario_invalid scenario\.yaml:1:7: `data` must be a text or a list\.\nscenario\.yaml:2:7: `auth` cannot be `no`\. It can be on, off\.$/,
    ],
    ['auth: ~', /^sandbox_scenario_invalid scenario\.yaml:1:7: `auth` must be a text\.$/],
    ['data: [""]\npersist: ""', /1:8: Item 1 must not be empty\.\nscenario\.yaml:2:10: `persist` must not be empty\.$/],
    ['data: !folder rows', /scenario\.yaml:1:7: This is no YAML: Unresolved tag: !folder\./],
    ['data: *rows', /scenario\.yaml:1:1: Unresolved alias/],
  ]
  for (const [text, said] of cases) assert.match(await refusal({ scenario: scenarioFile(text) }), said, text)
  const utf16 = Buffer.from('\ufeffauth: off\n', 'utf16le')
  assert.match(await refusal({ scenario: scenarioFile(utf16) }), /^sandbox_scenario_invalid scenario\.yaml is not UTF-8\./)
  assert.match(await refusal({ metadata: [scenarioFile(utf16)] }), /^sandbox_metadata_invalid scenario\.yaml is not UTF-8\./)
  assert.match(await refusal({ metadata: ['/nowhere.xml'] }), /^sandbox_metadata_invalid \/nowhere\.xml cannot be read \(ENOENT\)\./)
  assert.match(await refusal({ scenario: '/nowhere.yaml' }), /^sandbox_scenario_invalid \/nowhere\.yaml cannot be read \(ENOENT\)\./)
})

scenario('first orders are options of their own', async () => {
  const faults = [{ fault: 'status', status: 500, times: 1 }]
  const privileges = [{ user: 'sandbox.user@sandbox.example', table: 'account', rights: ['Create'], depth: 'none' }]
  await withSandbox({ faults, privileges, adfsRedirects: ['http://localhost:5000/'] }, async (ask) => {
    assert.is((await ask('GET', 'accounts')).status, 500)
    assert.is((await ask('GET', 'accounts')).status, 200)
    assert.is((await ask('POST', 'accounts', { name: 'A' })).status, 403)
  })
  assert.match(
    await refusal({ faults: [...faults, { fault: 'flood' }] }),
    /^sandbox_option_invalid The sandbox's option `faults`, item 2: `fault` must be one of latency/,
  )
  assert.is(await refusal({ faults: 'status' }), "sandbox_option_invalid The sandbox's option `faults` must be a list of faults.")
  assert.match(await refusal({ beforeNext: [{ path: 1 }] }), /`beforeNext`, item 1: `path` must be a part of the address/)
})

scenario('custom APIs are called, stand in $metadata and the tables that define them, and ask for their privilege', async () => {
  const text = `custom_apis:
  - name: hrb_Score
    function: true
    binding: { to: row, table: account }
    parameters: [{ name: Weight, type: Decimal, optional: true }]
    results: [{ name: Score, type: Integer, value: 87 }, { name: Weight, type: Decimal, from: Weight }]
  - { name: hrb_Dock, private: true, execute_privilege: prvDock }
privileges:
  - { user: sandbox.user@sandbox.example, privilege: prvDock, held: false }
`
  await withSandbox({ scenario: scenarioFile(text) }, async (ask) => {
    const accountid = '0f0e7a10-0000-4000-8000-000000000001'
    await ask('POST', 'accounts', { accountid, name: 'A' })
    const { Score, Weight } = (await ask('GET', `accounts(${accountid})/Microsoft.Dynamics.CRM.hrb_Score(Weight=2.5)`)).body
    assert.equal([Score, Weight], [87, 2.5])
    assert.is((await ask('POST', 'hrb_Dock')).status, 403)
    const metadata: string = (await ask('GET', '$metadata')).body
    assert.ok(metadata.includes('Name="hrb_Score"') && !metadata.includes('hrb_Dock'))
    const apis = await ask('GET', 'customapis?$select=uniquename,isprivate&$orderby=uniquename')
    assert.equal(
      apis.body.value.map((row: Body) => [row.uniquename, row.isprivate]),
      [
        ['hrb_Dock', true],
        ['hrb_Score', false],
      ],
    )
  })
})

scenario('custom APIs that there cannot be are refused', async () => {
  const cases: [text: string, said: RegExp][] = [
    ['[{ name: Dock }]', /:1:14: The custom API `Dock` needs a name with the prefix of a publisher, such as `hrb_Dock`\.$/],
    ['[{ name: a_b }, { name: a_b }]', /The custom API `a_b` is declared twice\.$/],
    ['[{ name: a_b, function: true }]', /The custom API `a_b` is a function, which needs a result\.$/],
    ['[{ name: a_b, results: [{ name: c, type: Text }] }]', /`type` cannot be `Text`\. It can be Boolean, DateTime, /],
    ['[{ name: a_b, results: [{ name: c, type: String, from: d }] }]', /The custom API `a_b` has no parameter `d` for `c`\.$/],
    [
      '[{ name: a_b, binding: { to: row, table: ship } }]',
      /^sandbox_option_invalid .*names the table `ship`, and there is no such table\.$/,
    ],
  ]
  for (const [text, said] of cases) assert.match(await refusal({ scenario: scenarioFile(`custom_apis: ${text}`) }), said, text)
  assert.match(
    await refusal({ customApis: [{ name: 'a_b', parameters: [{ name: 'c', type: 'Text' }] }] }),
    /^sandbox_option_invalid The custom API `a_b` has `c` without one of the types Boolean, /,
  )
})

scenario.run()
