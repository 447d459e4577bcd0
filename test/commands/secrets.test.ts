import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalog } from '../../connectors/catalog.ts'
import { canary } from '../support/canary.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { appConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('secrets')
const recipe = `name: x
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_created, with: { table: account }, since: beginning }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.name }}" } }
`
const literal = 'hunter2-hunter2'
const secretFields = Object.entries((catalog.dynamics365?.settings.properties ?? {}) as Record<string, Record<string, unknown>>)
  .filter(([, field]) => field['x-secret'])
  .map(([name]) => name)

function silentAbout(secret: string | RegExp, { stdout, stderr }: CliResult): void {
  assert.not.match(stdout, secret)
  assert.not.match(stderr, secret)
}

test('secrets in the clear: place and what to write instead, never the value, whatever else is wrong on their lines', async () => {
  assert.ok(secretFields.length >= 4, secretFields.join())
  const block = 'connector: dynamics365\naccount_type: cloud\nsubdomain: contoso\nclient_id: x\n'
  const forms = (field: string) => [
    `${block}${field}: ${literal}\n`,
    `${block}${field}: |\n  first ${literal}\n\n  second ${literal}\nauht: ${literal}\n`,
    `{ connector: dynamics365, account_type: clowd, subdomain: contoso, client_id: x, "${field}" : '${literal}', api_version: nine }\n`,
    `${block}${field}: "${literal}\n`,
    `${block}${field}: ${literal} \${{ secrets.PART }}\n`,
  ]
  const files = secretFields.flatMap((field) => forms(field).map((text, index) => [`${field}-${index}.connection.yaml`, text] as const))
  const cwd = recipeFolder(Object.fromEntries(files))
  const json = await cli(['validate', '.', '--format', 'json'], { cwd })
  const plain = await cli(['validate', '.'], { cwd })
  for (const result of [json, plain]) {
    assert.is(result.code, 2)
    silentAbout(literal, result)
  }
  for (const [name] of files)
    assert.ok(
      json.lines.some(({ file }) => file === name),
      name,
    )
  for (const field of secretFields) {
    const problem = `${field}-0.connection.yaml:5:${field.length + 3}: \`${field}\` must be a reference, never the secret itself: write \`\${{ secrets.`
    assert.ok(plain.stdout.includes(problem), plain.stdout)
    assert.ok(plain.stdout.includes(`5 | ${field}: ${'*'.repeat(literal.length)}\n`), plain.stdout)
  }
})

test('`run` and `connect` refuse a literal as `validate` does', async () => {
  const connection = appConnection.replace('${{ secrets.D365_CLIENT_SECRET }}', literal)
  const cwd = recipeFolder({ 'crm.connection.yaml': connection, 'recipe.yaml': recipe })
  for (const args of [
    ['run', 'recipe.yaml'],
    ['connect', 'recipe.yaml'],
    ['connect', 'crm.connection.yaml'],
    ['connections', 'test', 'recipe.yaml'],
  ]) {
    const result = await cli(args, { cwd })
    assert.is(result.code, 2)
    assert.match(result.stderr, 'secret_literal')
    silentAbout(literal, result)
  }
})

test('a reference without a value is a trigger error that names it, its field, its file and the places looked at in order', async () => {
  const places = 'secrets:\n  - folder: run-secrets\n  - dotenv\n  - exec: [printf, "%.0s"]\n  - env\n'
  const cwd = recipeFolder({
    'runner.yaml': places,
    'crm.connection.yaml': appConnection,
    'recipe.yaml': recipe,
    '.env': 'D365_CLIENT_SECRET=\n',
  })
  const env = { D365_URL: 'https://x', D365_AUTHORITY: 'https://y', D365_TENANT: 'z', D365_CLIENT_ID: 'i' }
  const { code, stdout, stderr } = await cli(['run', 'recipe.yaml'], { cwd, env })
  assert.is(code, 3, stderr)
  const wanted = [
    `secrets.D365_CLIENT_SECRET (\`client_secret\` in ${cwd}/crm.connection.yaml), which has no value.`,
    `Looked in, in this order: ${cwd}/run-secrets/D365_CLIENT_SECRET (no such file), ${cwd}/.env (empty), \`printf %.0s D365_CLIENT_SECRET\` (empty), the environment variable D365_CLIENT_SECRET (not set).`,
  ]
  for (const words of wanted) assert.ok(stdout.includes(words), stdout)
  assert.match(stdout, 'secret_missing')
  const without = await cli(['run', 'recipe.yaml', '--json'], { cwd })
  assert.match(String(without.lines.find(({ type }) => type === 'trigger_error')?.message), 'env.D365_URL (`url` in')
})

test('a program that fails is a trigger error with its status; `validate` asks nobody', async () => {
  const places = 'secrets: [{ exec: [sh, -c, "echo half-a-secret; echo sealed >&2; touch asked; exit 7"] }]\n'
  const cwd = recipeFolder({ 'runner.yaml': places, 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe })
  assert.is((await cli(['validate', '.'], { cwd })).code, 0)
  assert.not.ok(readdirSync(cwd).includes('asked'))
  const result = await cli(['run', 'recipe.yaml'], { cwd })
  assert.is(result.code, 3, result.stderr)
  assert.match(result.stdout, /\[secret_source_failed\]: `sh` was asked for the secret D365_CLIENT_SECRET, but it ended with 7: sealed\./)
  silentAbout('half-a-secret', result)
})

/** An authority and a system that repeat everything they are sent in their errors, as proxies for debugging do. */
const servers: Server[] = []
test.after(() => {
  for (const server of servers) server.close().closeAllConnections()
})

async function echoServer(tokens: boolean) {
  const server = createServer(async (request, response) => {
    const sent = `${JSON.stringify(request.headers)} ${await text(request)}`
    response.setHeader('content-type', 'application/json')
    if (!request.url?.includes('/oauth2/')) {
      response.statusCode = 400
      response.end(JSON.stringify({ error: { code: '0x80040203', message: `You sent ${sent}` } }))
    } else if (tokens) response.end(JSON.stringify({ access_token: 'sbx-at-that-comes-back', token_type: 'Bearer', expires_in: 3600 }))
    else {
      response.statusCode = 401
      response.end(JSON.stringify({ error: 'invalid_client', error_description: `AADSTS7000215: Invalid client secret provided: ${sent}` }))
    }
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { D365_URL: url, D365_AUTHORITY: url, D365_TENANT: 't', D365_CLIENT_ID: 'i', D365_CLIENT_SECRET: 'secret+that/comes=back' }
}

for (const [what, tokens, code] of [
  ['an authority', false, 3],
  ['a system', true, 4],
] as const) {
  test(`what ${what} repeats of secrets in its errors is kept without them, for commands that have read none`, async () => {
    const env = await echoServer(tokens)
    const writes = recipe
      .replace(/trigger:.*/, 'trigger: { type: files.rows, with: { path: rows.csv } }')
      .replace(
        / {2}- action[\s\S]*/,
        '  - action: dynamics365.create_record\n    with: { table: account, values: { name: "${{ trigger.n }}" } }\n',
      )
    const cwd = recipeFolder({ 'crm.connection.yaml': appConnection, 'recipe.yaml': tokens ? writes : recipe, 'rows.csv': 'n\n1\n' })
    const results = [await cli(['run', 'recipe.yaml', '--json'], { cwd, env })]
    assert.is(results[0]?.code, code, results[0]?.stdout)
    for (const args of [['runs'], ['runs', '--json'], ['connections'], ['connections', '--json'], ['jobs'], ['jobs', '--json']])
      results.push(await cli(args, { cwd }))
    const job = results.at(-1)?.lines[0]?.id
    if (tokens) results.push(await cli(['jobs', 'show', String(job)], { cwd }))
    for (const result of results) {
      silentAbout(/that-comes-back|that(\/|%2F)comes/, result)
      assert.not.match(result.stderr, 'fault of the runner')
    }
    assert.ok(results.filter(({ stdout }) => stdout.includes('***')).length >= 3, 'nothing came back, so nothing was masked')
  })
}

let sandbox: SandboxProcess
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder())
})
test.after(() => sandbox.close())

/** A root whose only way to the secret is the one place. */
function rootWith(place: string, secret: string) {
  const cwd = recipeFolder({ 'runner.yaml': `secrets: [${place}]\n`, 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe })
  mkdirSync(join(cwd, 'run-secrets'))
  writeFileSync(join(cwd, 'run-secrets/D365_CLIENT_SECRET'), `${secret}\n`)
  if (place === 'dotenv') writeFileSync(join(cwd, '.env'), `D365_CLIENT_SECRET=${secret}\n`)
  const { D365_CLIENT_SECRET: _, D365_REFRESH_TOKEN: __, ...env } = sandbox.env
  return { cwd, env: place === 'env' ? { ...env, D365_CLIENT_SECRET: secret } : env }
}

for (const place of ['env', 'dotenv', 'folder: run-secrets', 'exec: [cat, "run-secrets/{name}"]']) {
  test(`a run with its secret from \`${place}\` leaves neither secret nor token in output and store`, async () => {
    const { cwd, env } = rootWith(place, sandbox.client_secret)
    const runs = [
      await cli(['run', 'recipe.yaml', '--json'], { cwd, env: { ...env, RUNNER_LOG: 'debug' } }),
      await cli(['connections', '--json'], { cwd, env }),
    ]
    for (const result of runs) {
      assert.is(result.code, 0, result.stderr)
      silentAbout(canary, result)
    }
    assert.match(runs[1]?.stdout ?? '', '"state":"connected"')
    for (const name of readdirSync(join(cwd, '.runner')).filter((each) => each.startsWith('store.db')))
      assert.not.match(readFileSync(join(cwd, '.runner', name), 'latin1'), canary)
  })
}

test('a wrong secret is refused by the authority, and not shown', async () => {
  const { cwd, env } = rootWith('folder: run-secrets', 'sbx-secret-that-is-wrong')
  const result = await cli(['run', 'recipe.yaml'], { cwd, env: { ...env, RUNNER_LOG: 'debug' } })
  assert.is(result.code, 3, result.stderr)
  assert.match(result.stdout, 'credentials_refused')
  silentAbout(canary, result)
})

test.run()
