import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MaskRegistry, openSecrets, type SecretPlace } from '../../runner/connection/index.ts'
import { execSource } from '../../runner/connection/secrets/exec.ts'
import type { ConnectorError } from '../../runner/connector/index.ts'
import { failure } from '../support/failure.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('connection: places of secrets')

function opened(places: SecretPlace[], { root = tempFolder(), env = {} }: { root?: string; env?: Record<string, string> } = {}) {
  const mask = new MaskRegistry()
  const warned: string[] = []
  const log = { debug() {}, info() {}, warn: (message: string) => void warned.push(message) }
  return { root, mask, warned, secrets: openSecrets({ places, root, env: { PATH: process.env.PATH, ...env }, mask, log }) }
}

async function sourceFailure(promise: Promise<unknown>): Promise<ConnectorError> {
  const error = await failure(promise)
  assert.is(error.code, 'secret_source_failed')
  return error
}

/** A program that notes that it was called. */
function program(root: string, name: string, script: string): string {
  const path = join(root, name)
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$*" >> '${root}/calls'\n${script}\n`, { mode: 0o755 })
  return path
}

const callsOf = (root: string) => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n')

test('the first place that has a value gives it; one that is empty counts as none, and is told', async () => {
  const { root, secrets } = opened(['env', 'dotenv', { folder: 'secrets' }], { env: { A: 'from-the-environment', E: '' } })
  mkdirSync(join(root, 'secrets'))
  writeFileSync(join(root, '.env'), 'A=from-the-file\nB="quoted # text"\nE=\n# D=no\n')
  writeFileSync(join(root, 'secrets/C'), 'from-the-folder\n')
  writeFileSync(join(root, 'secrets/E'), '\n')
  assert.equal(await secrets.find('A'), { value: 'from-the-environment' })
  assert.equal(await secrets.find('B'), { value: 'quoted # text' })
  assert.equal(await secrets.find('C'), { value: 'from-the-folder' })
  assert.equal(await secrets.find('D'), {
    looked: ['the environment variable D (not set)', `${root}/.env (not in it)`, `${root}/secrets/D (no such file)`],
  })
  assert.equal(await secrets.find('E'), {
    looked: ['the environment variable E (empty)', `${root}/.env (empty)`, `${root}/secrets/E (empty)`],
  })
})

test('a .env as Windows editors save it: with a byte order mark and CRLF', async () => {
  const { root, secrets } = opened(['dotenv'])
  writeFileSync(join(root, '.env'), '\uFEFFA=first\r\nB=second\r\n')
  assert.equal(await secrets.find('A'), { value: 'first' })
  assert.equal(await secrets.find('B'), { value: 'second' })
})

test('the order is that of the list', async () => {
  const { root, secrets } = opened(['dotenv', 'env'], { env: { A: 'from-the-environment', B: 'second' } })
  writeFileSync(join(root, '.env'), 'A=from-the-file\n')
  assert.equal(await secrets.find('A'), { value: 'from-the-file' })
  assert.equal(await secrets.find('B'), { value: 'second' })
})

test('only what is asked for is masked, in every form that texts carry it in', async () => {
  const value = 'pä"ss word+1/2'
  const { secrets, mask } = opened(['env'], { env: { USED: value, UNUSED: 'another-secret' } })
  await secrets.find('USED')
  const forms = [
    value,
    JSON.stringify({ value }),
    encodeURIComponent(value),
    new URLSearchParams({ value }).toString(),
    Buffer.from(`user:${value}`).toString('base64'),
    Buffer.from(value).toString('base64url'),
  ]
  for (const form of forms) assert.match(mask.mask(form), '***', form)
  for (const form of forms) assert.not.ok(/ss.{1,3}word|c3Mgd29yZ/.test(mask.mask(form)), mask.mask(form))
  assert.is(mask.mask('another-secret'), 'another-secret')
})

test('the lines of a secret of several lines are masked one by one, too', async () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n'
  const { secrets, mask } = opened(['env'], { env: { PEM: pem } })
  await secrets.find('PEM')
  assert.is(mask.mask('bad line AQEFAASCBKcwggSjAgEAAoIB in -----BEGIN PRIVATE KEY-----'), 'bad line *** in -----BEGIN PRIVATE KEY-----')
})

test('a .env that everybody can read is warned of once, when a secret comes from it', async () => {
  const { root, secrets, warned } = opened(['dotenv'])
  writeFileSync(join(root, '.env'), 'A=a\nB=b\n', { mode: 0o644 })
  await secrets.find('C')
  assert.equal(warned, [])
  for (const name of ['A', 'B']) await secrets.find(name)
  assert.is(warned.length, 1)
  assert.match(warned[0] as string, `chmod 600 ${root}/.env`)
  const closed = opened(['dotenv'], { root })
  chmodSync(join(root, '.env'), 0o640)
  await closed.secrets.find('A')
  assert.equal(closed.warned, [])
})

test('a folder as Kubernetes mounts it: links through `..data`, one line feed at the end is cut', async () => {
  const { root, secrets } = opened([{ folder: 'mounted' }])
  mkdirSync(join(root, 'mounted/..2031_05_01'), { recursive: true })
  symlinkSync('..2031_05_01', join(root, 'mounted/..data'))
  for (const [name, text] of [
    ['PLAIN', 'no-line-feed'],
    ['LINE', 'one\n'],
    ['WINDOWS', 'one\r\n'],
    ['TWO', 'two\n\n'],
  ] as const) {
    writeFileSync(join(root, 'mounted/..2031_05_01', name), text)
    symlinkSync(`..data/${name}`, join(root, 'mounted', name))
  }
  assert.equal(await Promise.all(['PLAIN', 'LINE', 'WINDOWS', 'TWO'].map((name) => secrets.find(name))), [
    { value: 'no-line-feed' },
    { value: 'one' },
    { value: 'one' },
    { value: 'two\n' },
  ])
})

test('no name and no link leads out of the folder', async () => {
  const { root, secrets } = opened([{ folder: 'secrets' }])
  mkdirSync(join(root, 'secrets/below'), { recursive: true })
  for (const file of ['outside', 'secrets-too', 'secrets/.hidden', 'secrets/below/inside']) writeFileSync(join(root, file), 'found')
  symlinkSync('../outside', join(root, 'secrets/LINK'))
  symlinkSync('../secrets-too', join(root, 'secrets/NEAR'))
  for (const name of ['../outside', '..', '.', '', '.hidden', 'below/inside', '..\\outside', `${root}/outside`, 'LINK', 'NEAR', 'a\0b']) {
    const found = await secrets.find(name)
    assert.ok('looked' in found && /cannot be the name|leads out/.test(found.looked[0] as string), `${name}: ${JSON.stringify(found)}`)
  }
})

test('what cannot be read is told by its path', async () => {
  const { root, secrets } = opened([{ folder: 'secrets' }])
  mkdirSync(join(root, 'secrets/A'), { recursive: true })
  assert.ok((await sourceFailure(secrets.find('A'))).message.includes(join(root, 'secrets/A')))
  mkdirSync(join(root, '.env'))
  assert.ok((await sourceFailure(opened(['dotenv'], { root }).secrets.find('A'))).message.includes(join(root, '.env')))
})

test('a pipe that nobody writes to is not waited for, and what is too large for a secret is not read', async () => {
  const { root, secrets } = opened([{ folder: 'secrets' }])
  mkdirSync(join(root, 'secrets'))
  execFileSync('mkfifo', [join(root, 'secrets/PIPE')])
  assert.match((await sourceFailure(secrets.find('PIPE'))).message, 'it is no file')
  writeFileSync(join(root, 'secrets/LARGE'), '')
  truncateSync(join(root, 'secrets/LARGE'), 300_000_000)
  assert.match((await sourceFailure(secrets.find('LARGE'))).message, 'more than a secret may have')
})

test('a folder that is not there is no failure: other machines have it', async () => {
  const { root, secrets } = opened([{ folder: 'nowhere' }])
  assert.equal(await secrets.find('A'), { looked: [`${root}/nowhere/A (no such file)`] })
})

test('a program is asked without a shell, once per name, and only for names that no earlier place has', async () => {
  const { root, secrets } = opened(['env', { exec: ['./vault', 'get', 'path/{name}', '$HOME; echo `id`'] }], { env: { A: 'first' } })
  program(root, 'vault', 'printf "secret of %s\\n" "$2"')
  assert.equal(await secrets.find('A'), { value: 'first' })
  const twice = await Promise.all([secrets.find('B'), secrets.find('B')])
  assert.equal([...twice, await secrets.find('B')], Array(3).fill({ value: 'secret of path/B' }))
  assert.equal(callsOf(root), ['get path/B $HOME; echo `id`'])
})

test('a program gets the environment, but for the key of the store', async () => {
  const { root, secrets } = opened([{ exec: ['./vault'] }], { env: { VAULT_ADDR: 'https://vault.example', RUNNER_KEY: 'the key' } })
  program(root, 'vault', 'printf "%s|%s" "$VAULT_ADDR" "$RUNNER_KEY"')
  assert.equal(await secrets.find('A'), { value: 'https://vault.example|' })
})

test('without `{name}` the name comes last; a line feed at the end is cut; nothing printed is empty', async () => {
  const { root, secrets } = opened([{ exec: ['./vault', 'get'] }])
  program(root, 'vault', '[ "$2" = EMPTY ] || printf "a\\nb\\n"')
  assert.equal(await secrets.find('B'), { value: 'a\nb' })
  assert.equal(await secrets.find('EMPTY'), { looked: ['`./vault get EMPTY` (empty)'] })
  assert.equal(callsOf(root), ['get B', 'get EMPTY'])
})

test('a program that fails is told with its status and first words, never with what it printed; the next who asks asks again', async () => {
  const { root, secrets } = opened([{ exec: ['./vault'] }])
  program(root, 'vault', 'echo half-a-secret; echo "permission denied" >&2; echo "more" >&2; exit 3')
  const error = await sourceFailure(secrets.find('A'))
  assert.match(error.message, '`./vault` was asked for the secret A, but it ended with 3: permission denied.')
  assert.not.match(JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause }), /half-a-secret|more/)
  program(root, 'vault', 'echo mended')
  assert.equal(await secrets.find('A'), { value: 'mended' })
})

for (const [what, make, words] of [
  ['is not there', () => {}, 'there is no such program'],
  ['may not be run', (root) => chmodSync(program(root, 'vault', ''), 0o644), 'Make it executable'],
  ['prints without end', (root) => program(root, 'vault', 'yes secret-canary'), 'it printed more than 1 MB'],
  ['is killed', (root) => program(root, 'vault', 'kill -9 $$'), 'it ended with SIGKILL and no word'],
] as [string, (root: string) => void, string][]) {
  test(`a program that ${what}`, async () => {
    const { root, secrets } = opened([{ exec: ['./vault'] }])
    make(root)
    const error = await sourceFailure(secrets.find('A'))
    assert.match(error.message, words)
    assert.not.match(error.message, 'secret-canary')
  })
}

test('a program that waits, also one whose children hold its output, is ended in time', async () => {
  const root = tempFolder()
  program(root, 'vault', 'read answer; sleep 5 & wait')
  const source = execSource(['./vault'], { root, env: process.env, patienceMs: 100 })
  assert.match((await sourceFailure(source.find('A'))).message, 'it took longer than 0.1 s')
})

test.run()
