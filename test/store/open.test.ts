import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isExactNumber, parseJson } from '../../runner/connector/index.ts'
import { openStore, type RecipeRef, StoreError, storeKey } from '../../runner/store/index.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('store: files and key')
const folder = tempFolder()
const key = randomBytes(32)
const recipe: RecipeRef = { id: 'recipe', environment: 'default' }
const at = new Date(0)
let count = 0
const newFile = () => join(folder, `${count++}`, 'store.db')

async function refused(work: () => unknown, code: StoreError['code']): Promise<void> {
  try {
    await work()
  } catch (error) {
    assert.instance(error, StoreError)
    assert.is((error as StoreError).code, code)
    return
  }
  assert.unreachable(`not refused as ${code}`)
}

test('a new store is set up: write-ahead log, incremental vacuum, readable by its owner only', async () => {
  const file = newFile()
  const store = await openStore({ file, key })
  const database = new DatabaseSync(file)
  assert.is(database.prepare('pragma journal_mode').get()?.journal_mode, 'wal')
  assert.is(database.prepare('pragma auto_vacuum').get()?.auto_vacuum, 2)
  database.close()
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.is(statSync(join(file, '..')).mode & 0o777, 0o700)
  await store.close()
  await store.close()
})

test('another key is refused, and the right one still opens', async () => {
  const file = newFile()
  await (await openStore({ file, key })).close()
  await refused(() => openStore({ file, key: randomBytes(32) }), 'store_key_wrong')
  await (await openStore({ file, key: () => key })).close()
})

test('a store of a newer runner is refused', async () => {
  const file = newFile()
  await (await openStore({ file, key })).close()
  const database = new DatabaseSync(file)
  database.exec('pragma user_version = 999')
  database.close()
  await refused(() => openStore({ file, key }), 'store_newer')
})

test('a file that is no store, and a path that cannot be one, are told apart', async () => {
  const file = join(folder, 'noise.db')
  writeFileSync(file, randomBytes(8192))
  await refused(() => openStore({ file, key }), 'store_damaged')
  await refused(() => openStore({ file: join(file, 'store.db'), key }), 'store_unusable')
})

test('a migration that dies half-way leaves nothing behind', async () => {
  const file = newFile()
  mkdirSync(join(file, '..'), { recursive: true })
  const database = new DatabaseSync(file)
  // Stands in the way of the last table of the first migration.
  database.exec('create table tokens (x)')
  await refused(() => openStore({ file, key }), 'store_unusable')
  assert.equal(database.prepare(`select name from sqlite_master where name in ('jobs', 'meta')`).all(), [])
  database.exec('drop table tokens')
  database.close()
  await (await openStore({ file, key })).close()
})

test('no payload stands in the files in plain text, and each comes back exact', async () => {
  const file = newFile()
  const store = await openStore({ file, key, parse: parseJson })
  const canary = `canary-${randomBytes(8).toString('hex')}`
  const payload = { canary, ...(parseJson('{"exact":12345678901234567890.123456789}') as { exact: unknown }) }
  const error = { kind: 'rejected', code: 'no', message: canary }
  await store.accept({
    recipe,
    runId: 'run',
    jobs: [
      { id: 'a', eventIds: ['a'], payload, createdAt: at },
      { id: 'b', eventIds: ['b'], payload, createdAt: at, failed: error },
    ],
    snapshotChanges: [{ id: 'row', row: { version: '1', values: payload } }],
    cursor: { value: payload, at },
  })
  await store.tokens.put('c', { fingerprint: 'f', payload }, 0)
  const [job] = await store.claim(recipe, 1, 'hash')
  assert.ok(job && isExactNumber((job.payload as typeof payload).exact))
  assert.is(JSON.stringify(job.payload), JSON.stringify(payload))
  const step = { address: 's', nodeHash: 'h', state: 'failed' as const, key: 'k', attempt: 1, startedAt: at }
  await store.finish(job, [{ ...step, input: payload, output: payload, progress: payload, error }], { state: 'failed', at, error })
  const folderOf = join(file, '..')
  const names = readdirSync(folderOf).filter((name) => name.startsWith('store.db'))
  assert.ok(names.includes('store.db-wal'))
  for (const name of names) assert.not.ok(readFileSync(join(folderOf, name)).includes(canary), `${name} holds plain text`)
  await store.close()
})

test('a sealed value opens only where it was stored', async () => {
  const file = newFile()
  const store = await openStore({ file, key })
  for (const name of ['a', 'b']) await store.tokens.put(name, { fingerprint: 'f', payload: name }, 0)
  const database = new DatabaseSync(file)
  database.exec(`update tokens set payload = (select payload from tokens where name = 'a') where name = 'b'`)
  database.close()
  assert.is((await store.tokens.get('a'))?.payload, 'a')
  await refused(() => store.tokens.get('b'), 'store_key_wrong')
  await store.close()
})

test('locks of two stores in one folder have nothing to do with each other, and close frees them', async () => {
  const stores = await Promise.all(['one.db', 'two.db'].map((name) => openStore({ file: join(folder, 'shared', name), key })))
  for (const store of stores) assert.ok(await store.lock('recipe:x'))
  for (const store of stores) await store.close()
  const again = await openStore({ file: join(folder, 'shared', 'one.db'), key })
  assert.ok(await again.lock('recipe:x'))
  await again.close()
})

test('the key comes from the text, else from a file that is made once', async () => {
  const file = join(folder, 'config', 'store.key')
  assert.equal(storeKey({ text: key.toString('base64'), file }), key)
  assert.not.ok(existsSync(file))
  const made = storeKey({ file })
  assert.is(made.length, 32)
  assert.equal(storeKey({ file }), made)
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.equal(readdirSync(join(file, '..')), ['store.key'])
  for (const text of ['', 'short', `${key.toString('base64')}!`]) await refused(() => storeKey({ text, file }), 'store_key_wrong')
  writeFileSync(file, 'broken')
  await refused(() => storeKey({ file }), 'store_key_wrong')
  await refused(() => storeKey({ file: join(file, 'below') }), 'store_unusable')
})

test.run()
