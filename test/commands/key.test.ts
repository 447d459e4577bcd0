import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseJson } from '../../runner/connector/index.ts'
import { openStore, type Store } from '../../runner/store/index.ts'
import { type KeySource, storeKeys } from '../../runner/store/key/index.ts'
import { type CliResult, cli } from '../support/cli.ts'
import { standInKeyring } from '../support/keyring.ts'
import { recipeFolder } from '../support/recipes.ts'

const test = suite('the key of the store')
const recipe = `name: x
trigger: { type: files.rows, with: { path: rows.csv } }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { n: "\${{ trigger.n }}" } }
`
const files = { 'recipe.yaml': recipe, 'rows.csv': 'n\n1\n' }
const keyFileOf = (cwd: string) => join(cwd, '.config/runner/store.key')
const newKey = () => randomBytes(32).toString('base64')

/** The store as a test sees it, with the keys of the key file. */
function openHere(cwd: string): Promise<Store> {
  const source: KeySource = { place: 'file', file: keyFileOf(cwd), env: process.env, platform: process.platform }
  return openStore({ file: join(cwd, '.runner/store.db'), key: () => storeKeys(source), parse: parseJson })
}

async function keep(cwd: string): Promise<void> {
  const store = await openHere(cwd)
  await store.tokens.put('t', { fingerprint: 'f', payload: 'kept' }, 0)
  await store.close()
}

function failed({ code, stderr }: CliResult, status: number, ...words: (string | RegExp)[]): void {
  assert.is(code, status, stderr)
  for (const word of words) assert.match(stderr, word)
  assert.not.match(stderr, 'fault of the runner')
}

test('`runner key rotate`: everything still opens, with the new key; a process that has the store open goes on', async () => {
  const cwd = recipeFolder(files)
  assert.is((await cli(['run', 'recipe.yaml'], { cwd })).code, 0)
  await keep(cwd)
  const meanwhile = await openHere(cwd)
  const before = readFileSync(keyFileOf(cwd), 'utf8')
  const { code, stdout, stderr } = await cli(['key', 'rotate'], { cwd })
  assert.is(code, 0, stderr)
  const after = readFileSync(keyFileOf(cwd), 'utf8')
  assert.ok(after.endsWith(before) && after.length === 2 * before.length)
  for (const key of after.trim().split('\n')) assert.not.ok(stdout.includes(key))
  await meanwhile.tokens.put('u', { fingerprint: 'f', payload: 'later' }, 0)
  await meanwhile.close()
  // The first key alone is enough.
  writeFileSync(keyFileOf(cwd), after.split('\n')[0] as string)
  const store = await openHere(cwd)
  assert.equal(
    (await store.tokens.list()).map(({ payload }) => payload),
    ['kept', 'later'],
  )
  await store.close()
  assert.is((await cli(['jobs', '--json'], { cwd })).lines.length, 1)
})

test('`kill -9` at every write of a rotation: the store opens, and nothing is lost', async () => {
  const preload = ['--import', join(import.meta.dirname, '../crash/kill-at-write.ts')]
  let killed = 0
  const attempt = async (at: number): Promise<boolean> => {
    const cwd = recipeFolder({})
    await keep(cwd)
    const { code, stderr } = await cli(['key', 'rotate'], { cwd, env: { KILL_AT: String(at) }, node: preload })
    assert.ok(code === null || code === 0, stderr)
    const store = await openHere(cwd)
    assert.is((await store.tokens.get('t'))?.payload, 'kept', `killed at ${at}`)
    await store.close()
    if (code === null) killed++
    return code === null
  }
  for (let at = 1, more = true; more; at += 4) more = (await Promise.all([at, at + 1, at + 2, at + 3].map(attempt))).every(Boolean)
  assert.ok(killed > 12, `only ${killed} points`)
})

test('RUNNER_KEY: another first key moves the store; a wrong one is said plainly and changes nothing', async () => {
  const cwd = recipeFolder(files)
  const [old, next] = [newKey(), newKey()]
  const run = (key: string, ...args: string[]) => cli(args.length > 0 ? args : ['run', 'recipe.yaml'], { cwd, env: { RUNNER_KEY: key } })
  assert.is((await run(old)).code, 0)
  assert.not.ok(existsSync(keyFileOf(cwd)))
  failed(await run(newKey()), 1, 'store_key_wrong', 'Nothing was changed')
  failed(await run('not-a-key'), 1, 'store_key_wrong', 'RUNNER_KEY')
  failed(await run(old, 'key', 'rotate'), 2, 'openssl rand -base64 32')
  const moved = await run(`${next} ${old}`, 'key', 'rotate')
  assert.is(moved.code, 0, moved.stderr)
  assert.match(moved.stdout, 'needs the others no longer')
  assert.is((await run(next)).code, 0)
  failed(await run(old), 1, 'store_key_wrong')
})

test('a key file that others can read ends every command with what to run; `validate` needs no key', async () => {
  const cwd = recipeFolder(files)
  await cli(['run', 'recipe.yaml'], { cwd })
  chmodSync(keyFileOf(cwd), 0o644)
  for (const args of [['run', 'recipe.yaml'], ['connections'], ['key', 'rotate']])
    failed(await cli(args, { cwd }), 1, 'store_key_exposed', keyFileOf(cwd), 'mode 0644', `\`chmod 600 ${keyFileOf(cwd)}\``)
  const json = await cli(['run', 'recipe.yaml', '--json'], { cwd })
  assert.equal([json.code, json.lines.at(-1)?.code], [1, 'store_key_exposed'])
  assert.is((await cli(['validate', '.'], { cwd })).code, 0)
  chmodSync(keyFileOf(cwd), 0o600)
  assert.is((await cli(['run', 'recipe.yaml'], { cwd })).code, 0)
})

test('a folder of the store that others write to is warned of', async () => {
  const cwd = recipeFolder(files)
  await cli(['run', 'recipe.yaml'], { cwd })
  chmodSync(join(cwd, '.runner'), 0o777)
  const { code, stderr } = await cli(['run', 'recipe.yaml'], { cwd })
  assert.is(code, 0)
  assert.match(stderr, `chmod go-w ${join(cwd, '.runner')}`)
})

test('`store.key: keyring`: no key file is made, and the key is rotated there', async () => {
  if (process.platform !== 'linux') return
  const { env, secret } = standInKeyring('linux')
  const cwd = recipeFolder({ ...files, 'runner.yaml': 'store:\n  key: keyring\n' })
  assert.is((await cli(['run', 'recipe.yaml'], { cwd, env })).code, 0)
  assert.not.ok(existsSync(keyFileOf(cwd)))
  const { code, stdout, stderr } = await cli(['key', 'rotate'], { cwd, env })
  assert.is(code, 0, stderr)
  assert.match(stdout, 'first in the system keyring')
  const keys = readFileSync(secret, 'utf8').split(' ')
  assert.is(keys.length, 2)
  writeFileSync(secret, keys[0] as string)
  assert.is((await cli(['jobs', '--json'], { cwd, env })).lines.length, 1)
  writeFileSync(`${secret}.broken`, '')
  failed(await cli(['jobs'], { cwd, env }), 1, 'store_unusable', 'no session here')
})

test('a sandbox started for one run leaves no key behind', async () => {
  const cwd = recipeFolder(files)
  assert.is((await cli(['run', 'recipe.yaml', '--sandbox'], { cwd })).code, 0)
  assert.not.ok(existsSync(keyFileOf(cwd)))
})

test.run()
