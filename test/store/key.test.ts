import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { StoreError } from '../../runner/store/index.ts'
import { addStoreKey, type KeySource, storeKeys } from '../../runner/store/key/index.ts'
import { standInKeyring } from '../support/keyring.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('store: where the key is kept')
const key = randomBytes(32)
const text = key.toString('base64')

function source(overrides: Partial<KeySource> = {}): KeySource {
  return { place: 'file', file: join(tempFolder(), 'config', 'store.key'), env: process.env, platform: process.platform, ...overrides }
}

async function refusal(work: Promise<unknown>): Promise<StoreError> {
  const error = await work.then(
    () => assert.unreachable('it did not fail'),
    (thrown) => thrown,
  )
  assert.instance(error, StoreError)
  return error as StoreError
}

test('RUNNER_KEY wins, and may hold earlier keys behind the one in use', async () => {
  const from = source({ text })
  assert.equal(await storeKeys(from), [key])
  const earlier = randomBytes(32)
  assert.equal(await storeKeys(source({ text: ` ${text}\n${earlier.toString('base64')} ` })), [key, earlier])
  assert.not.ok(existsSync(from.file))
})

test('what is no key is refused without being shown', async () => {
  for (const wrong of ['short', `${text}!`, `${text} short`, randomBytes(31).toString('base64'), key.toString('hex'), ' ']) {
    const error = await refusal(storeKeys(source({ text: wrong })))
    assert.is(error.code, 'store_key_wrong')
    assert.match(error.message, 'RUNNER_KEY')
    if (wrong.trim()) assert.not.ok(error.message.includes(wrong))
  }
})

test('the key file is made on first use, readable by its owner only; many that come at once get one key', async () => {
  const from = source()
  const all = await Promise.all(Array.from({ length: 8 }, () => storeKeys(from)))
  assert.is(all[0]?.[0]?.length, 32)
  for (const each of all) assert.equal(each, all[0])
  assert.is(statSync(from.file).mode & 0o777, 0o600)
  assert.is(statSync(join(from.file, '..')).mode & 0o777, 0o700)
})

test('a new key comes before the others, also where many are added at once; none is lost', async () => {
  const from = source()
  const [first] = await storeKeys(from)
  await Promise.all(Array.from({ length: 5 }, () => addStoreKey(from)))
  const keys = await storeKeys(from)
  assert.is(keys.length, 6)
  assert.is(new Set(keys.map(String)).size, 6)
  assert.equal(keys.at(-1), first)
  assert.is(statSync(from.file).mode & 0o777, 0o600)
  assert.equal(readdirSync(join(from.file, '..')).sort(), ['locks', 'store.key'])
})

test('what a process that was killed left half-way is no hindrance', async () => {
  const from = source()
  await storeKeys(from)
  writeFileSync(`${from.file}.new`, 'half')
  await addStoreKey(from)
  assert.is((await storeKeys(from)).length, 2)
})

test('a broken key file is told by its name, and one that cannot be made too', async () => {
  const from = source()
  await storeKeys(from)
  writeFileSync(from.file, 'broken-and-secret')
  const broken = await refusal(storeKeys(from))
  assert.is(broken.code, 'store_key_wrong')
  assert.ok(broken.message.includes(from.file) && !broken.message.includes('broken-and-secret'))
  const below = await refusal(storeKeys(source({ file: join(from.file, 'below') })))
  assert.is(below.code, 'store_unusable')
})

test('a key file that is a link stays one; while it leads nowhere, no other key takes its place', async () => {
  const from = source()
  const elsewhere = join(tempFolder(), 'real.key')
  const [first] = await storeKeys(from)
  renameSync(from.file, elsewhere)
  symlinkSync(elsewhere, from.file)
  await addStoreKey(from)
  assert.ok(lstatSync(from.file).isSymbolicLink())
  const keys = await storeKeys(from)
  assert.is(keys.length, 2)
  assert.equal(keys[1], first)
  renameSync(elsewhere, `${elsewhere}.away`)
  for (const work of [storeKeys, addStoreKey]) {
    const error = await refusal(work(from))
    assert.is(error.code, 'store_unusable')
    assert.match(error.message, /is a link that leads nowhere/)
  }
  renameSync(`${elsewhere}.away`, elsewhere)
  assert.equal(await storeKeys(from), keys)
})

test('a folder in the place of the key file is told as such', async () => {
  const from = source()
  mkdirSync(from.file, { recursive: true })
  for (const work of [storeKeys, addStoreKey]) {
    const error = await refusal(work(from))
    assert.is(error.code, 'store_unusable')
    assert.match(error.message, /is no file/)
  }
})

for (const [what, change, chmod] of [
  ['readable by all', (file: string) => chmodSync(file, 0o644), (file: string) => `chmod 600 ${file}`],
  ['readable by its group', (file: string) => chmodSync(file, 0o640), (file: string) => `chmod 600 ${file}`],
  [
    'in a folder that others write to',
    (file: string) => chmodSync(join(file, '..'), 0o777),
    (file: string) => `chmod go-w ${join(file, '..')}`,
  ],
] as const) {
  test(`a key file ${what} is refused, with what to run`, async () => {
    const from = source()
    await storeKeys(from)
    change(from.file)
    for (const work of [storeKeys, addStoreKey]) {
      const error = await refusal(work(from))
      assert.is(error.code, 'store_key_exposed')
      assert.ok(error.message.includes(`\`${chmod(from.file)}\``), error.message)
      assert.match(error.message, /mode 0(644|640|777)/)
      assert.not.ok(error.message.includes(readFileSync(from.file, 'utf8').trim()))
    }
  })
}

test('a folder that others write to, but where each keeps his own (sticky), is none of it', async () => {
  const from = source()
  await storeKeys(from)
  chmodSync(join(from.file, '..'), 0o1777)
  assert.is((await storeKeys(from)).length, 1)
})

for (const platform of ['linux', 'darwin'] as const) {
  const kept = () => {
    const ring = standInKeyring(platform)
    return { ...ring, from: source({ place: 'keyring', env: ring.env, platform }) }
  }

  test(`${platform}: the keyring gets the key on first use, and gives it back`, async () => {
    const { from, calls } = kept()
    const keys = await storeKeys(from)
    assert.is(keys.length, 1)
    assert.equal(await storeKeys(from), keys)
    assert.not.ok(existsSync(from.file))
    const seen = readFileSync(calls, 'utf8')
    assert.ok(seen.length > 0 && !seen.includes(keys[0]!.toString('base64')), 'the key stands among the arguments, where others see it')
  })

  test(`${platform}: a new key comes before the others`, async () => {
    const { from } = kept()
    const [first] = await storeKeys(from)
    assert.is(await addStoreKey(from), 'the system keyring')
    const keys = await storeKeys(from)
    assert.is(keys.length, 2)
    assert.equal(keys[1], first)
  })

  test(`${platform}: many that come at once get one key`, async () => {
    const { from } = kept()
    const all = await Promise.all(Array.from({ length: 4 }, () => storeKeys(from)))
    for (const each of all) assert.equal(each, all[0])
  })

  test(`${platform}: a keyring that has lost its key, or is locked, gets no other over it`, async () => {
    const { from, secret } = kept()
    const keys = await storeKeys(from)
    const before = readFileSync(secret, 'utf8')
    writeFileSync(`${secret}.locked`, '')
    const error = await refusal(storeKeys(from))
    assert.is(error.code, 'store_unusable')
    assert.match(error.message, 'Unlock it')
    assert.is(readFileSync(secret, 'utf8'), before)
    assert.is(before.includes(keys[0]!.toString('base64')), true)
  })

  test(`${platform}: a keyring that refuses is told by its own words, one without its program by where to get it`, async () => {
    const { from, secret } = kept()
    writeFileSync(`${secret}.broken`, '')
    const broken = await refusal(storeKeys(from))
    assert.is(broken.code, 'store_unusable')
    assert.match(broken.message, 'no session here')
    const missing = await refusal(storeKeys({ ...from, env: { PATH: tempFolder() } }))
    assert.match(missing.message, /it is not there\).*RUNNER_KEY/)
  })
}

test('a system without a keyring that we know says so', async () => {
  const error = await refusal(storeKeys(source({ place: 'keyring', platform: 'win32' })))
  assert.is(error.code, 'store_unusable')
  assert.match(error.message, 'not supported on win32')
})

test.run()
