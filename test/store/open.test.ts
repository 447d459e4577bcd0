import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isExactNumber, parseJson } from '../../runner/connector/index.ts'
import { openStore, type RecipeRef, StoreError } from '../../runner/store/index.ts'
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
  await (await openStore({ file, key: async () => [key] })).close()
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

for (const [what, change] of [
  ['in another row', `update tokens set payload = (select payload from tokens where name = 'a') where name = 'b'`],
  ['in a row that names another host', `update tokens set fingerprint = 'g' where name = 'b'`],
  ['with its tag cut to four bytes', `update tokens set payload = substr(payload, 1, 17) where name = 'b'`],
  [
    'with another tag',
    `update tokens set payload = cast(substr(payload, 1, 13) || zeroblob(16) || substr(payload, 30) as blob) where name = 'b'`,
  ],
  ['as a text', `update tokens set payload = 'b and more' where name = 'b'`],
  ['in another format', `update tokens set payload = cast(x'02' || substr(payload, 2) as blob) where name = 'b'`],
] as const) {
  test(`a sealed value does not open ${what}`, async () => {
    const file = newFile()
    const store = await openStore({ file, key })
    for (const name of ['a', 'b']) await store.tokens.put(name, { fingerprint: 'f', payload: `${name} and more` }, 0)
    const database = new DatabaseSync(file)
    database.exec(change)
    database.close()
    assert.is((await store.tokens.get('a'))?.payload, 'a and more')
    await refused(() => store.tokens.get('b'), 'store_damaged')
    await store.close()
  })
}

test('files that were opened to others are closed again, those beside the database too', async () => {
  const file = newFile()
  const store = await openStore({ file, key })
  const files = ['', '-wal', '-shm'].map((end) => file + end)
  const modes = () => files.map((each) => statSync(each).mode & 0o777)
  assert.equal(modes(), [0o600, 0o600, 0o600])
  for (const each of files) chmodSync(each, 0o644)
  const second = await openStore({ file, key })
  assert.equal(modes(), [0o600, 0o600, 0o600])
  await second.close()
  await store.close()
})

test('an earlier key opens the store once more and then no longer; what it had sealed is gone from the files', async () => {
  const file = newFile()
  const next = randomBytes(32)
  const store = await openStore({ file, key })
  await store.tokens.put('c', { fingerprint: 'f', payload: 'kept' }, 0)
  await store.close()
  const database = new DatabaseSync(file)
  const sealed = Buffer.from(database.prepare("select value from meta where name = 'data_key'").get()?.value as Uint8Array)
  database.close()
  const both = async () => [next, key]
  const first = await openStore({ file, key: both })
  // One that is open goes on, whatever happens to the key.
  await refused(() => openStore({ file, key }), 'store_key_wrong')
  await first.tokens.put('d', { fingerprint: 'f', payload: 'later' }, 0)
  await first.close()
  for (const each of readdirSync(join(file, '..')).filter((name) => name.startsWith('store.db')))
    assert.not.ok(readFileSync(join(file, '..', each)).includes(sealed), each)
  const again = await openStore({ file, key: next })
  assert.equal(
    (await again.tokens.list()).map(({ payload }) => payload),
    ['kept', 'later'],
  )
  await again.close()
})

test('values of one store open in no other, also where both have one key', async () => {
  const [one, two] = [newFile(), newFile()]
  for (const file of [one, two]) await (await openStore({ file, key })).close()
  const store = await openStore({ file: one, key })
  await store.tokens.put('a', { fingerprint: 'f', payload: 'a' }, 0)
  await store.close()
  const database = new DatabaseSync(two)
  database.exec(`attach '${one}' as other; insert into tokens select * from other.tokens`)
  database.close()
  const other = await openStore({ file: two, key })
  await refused(() => other.tokens.get('a'), 'store_damaged')
  await other.close()
})

test('locks of two stores in one folder have nothing to do with each other, and close frees them', async () => {
  const stores = await Promise.all(['one.db', 'two.db'].map((name) => openStore({ file: join(folder, 'shared', name), key })))
  for (const store of stores) assert.ok(await store.lock('recipe:x'))
  for (const store of stores) await store.close()
  const again = await openStore({ file: join(folder, 'shared', 'one.db'), key })
  assert.ok(await again.lock('recipe:x'))
  await again.close()
})

test.run()
