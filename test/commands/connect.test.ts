import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { publicClientId } from '../../connectors/dynamics365/sandbox/identity/directory.ts'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { cli, startCli } from '../support/cli.ts'

const test = suite('runner connect, as it is called')

/** A folder with one connection file, and a sandbox behind it. */
async function given(body: (cwd: string) => Promise<void>): Promise<void> {
  const sandbox = await startSandbox()
  const cwd = mkdtempSync(path.join(tmpdir(), 'runner-test-'))
  const { tenant, authority } = sandbox.settings
  const settings = { account_type: 'cloud', url: sandbox.url, client_id: publicClientId, tenant, authority }
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  writeFileSync(path.join(cwd, 'crm.connection.yaml'), ['name: CRM', 'connector: dynamics365', ...lines, ''].join('\n'))
  try {
    await body(cwd)
  } finally {
    await sandbox.close()
    rmSync(cwd, { recursive: true })
  }
}

/** Runs it with a person at its side, who reads what is printed and may enter something. */
async function withPerson(
  cwd: string,
  args: string[],
  person: (output: string) => Promise<string | undefined>,
): Promise<{ code: number | null; output: string }> {
  const child = startCli(['connect', 'crm.connection.yaml', ...args], { cwd, input: true })
  let output = ''
  let acted = false
  const read = async (chunk: Buffer) => {
    output += chunk
    if (acted || !/https?:\S+[\s\S]*\n$/.test(output)) return
    acted = true
    child.stdin!.end(await person(output))
  }
  child.stdout!.on('data', read)
  child.stderr!.on('data', read)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

const address = (output: string) => /https?:\S+/.exec(output)![0]

test('--device: a code is entered elsewhere, and the sign-in is kept', () =>
  given(async (cwd) => {
    const { code, output } = await withPerson(cwd, ['--device'], async (text) => {
      const userCode = /code (\S+)/.exec(text)![1]!
      await fetch(address(text), { method: 'POST', body: new URLSearchParams({ code: userCode, decision: 'sign_in' }) })
      return undefined
    })
    assert.is(code, 0, output)
    assert.match(output, /Signed in as \S+@/)
    assert.match((await cli(['connections'], { cwd })).stdout, /CRM\s+default\s+connected/)
    const tested = await cli(['connections', 'test', 'crm.connection.yaml'], { cwd })
    assert.equal([tested.code, tested.stderr], [0, ''])
    assert.match(tested.stdout, /^"CRM" works: user [0-9a-f-]{36} of organization [0-9a-f-]{36} at 127\.0\.0\.1:\d+\.\n$/)
  }))

test('a connection that nobody has signed in to is told so when it is tested', () =>
  given(async (cwd) => {
    const { code, stdout, stderr } = await cli(['connections', 'test', 'crm.connection.yaml'], { cwd })
    assert.is(code, 1)
    assert.match(stdout + stderr, /runner connect/)
    assert.match(stdout + stderr, /sign_in_needed/)
  }))

test('--paste: the address that the browser ended on is entered through a pipe', () =>
  given(async (cwd) => {
    const { code, output } = await withPerson(cwd, ['--paste'], async (text) => {
      const answer = await fetch(address(text), { method: 'POST', body: new URLSearchParams({ decision: 'sign_in' }), redirect: 'manual' })
      return `${answer.headers.get('location')}\n`
    })
    assert.is(code, 0, output)
    assert.match(output, /Signed in as \S+@/)
  }))

test('--paste with nothing to read ends at once and says what it expects', () =>
  given(async (cwd) => {
    const { code, output } = await withPerson(cwd, ['--paste'], async () => undefined)
    assert.is(code, 2, output)
    assert.match(output, /The address that the browser ended on is expected/)
  }))

test('two ways at once are refused', () =>
  given(async (cwd) => {
    const { code, stderr } = await cli(['connect', 'crm.connection.yaml', '--device', '--paste'], { cwd })
    assert.is(code, 2)
    assert.match(stderr, /choose one/)
  }))

test.run()
