import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openStore, type RecipeRef } from '../../runner/store/index.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('store in several processes')
const folder = tempFolder()
const key = randomBytes(32)
const recipe: RecipeRef = { id: 'recipe', environment: 'default' }
const at = new Date(0)
let count = 0
/** Ended after the tests, also after those that failed. */
const children: ChildProcess[] = []

const newFile = () => join(folder, `${count++}`, 'store.db')
const jobs = (...ids: string[]) => ids.map((id) => ({ id, eventIds: [id], payload: id, createdAt: at }))

function start(what: string, file: string, name = ''): { child: ChildProcess; lines: Interface } {
  const script = join(import.meta.dirname, 'child.ts')
  const child = spawn(process.execPath, [script, what, file, key.toString('base64'), name], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return { child, lines: createInterface({ input: child.stdout as NodeJS.ReadableStream }) }
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}

/** Every line that a process says until its end. */
async function linesOf({ child, lines }: ReturnType<typeof start>): Promise<string[]> {
  const said: string[] = []
  lines.on('line', (line) => said.push(line))
  const [code] = await once(child, 'close')
  assert.is(code, 0)
  return said
}

test('a killed process keeps neither its lock nor its jobs, a living one keeps both', async () => {
  const file = newFile()
  const store = await openStore({ file, key })
  await store.accept({ recipe, runId: 'run', jobs: jobs('a', 'b', 'c'), snapshotChanges: [] })
  const { child, lines } = start('hold', file)
  assert.is((await once(lines, 'line'))[0], 'holds a,b')
  assert.is(await store.lock('recipe:x'), undefined)
  assert.is(await store.takeOver(recipe), 0)
  await kill(child)
  assert.ok(await store.lock('recipe:x'))
  assert.is(await store.takeOver(recipe), 2)
  const claimed = await store.claim(recipe, 5, 'later')
  assert.equal(
    claimed.map(({ jobId, fence, attempt, recipeHash }) => [jobId, fence, attempt, recipeHash]),
    [
      ['a', 2, 2, 'hash'],
      ['b', 2, 2, 'hash'],
      ['c', 1, 1, 'later'],
    ],
  )
  // SQLite keeps a journal beside a lock that is held.
  const signs = new Set(readdirSync(join(file, '..', 'locks')).map((name) => name.match(/^process-([0-9a-f-]{36})/)?.[1]))
  signs.delete(undefined)
  assert.is(signs.size, 1, 'only our own life sign is left')
  await store.close()
})

test('what was acknowledged before a SIGKILL is there', async () => {
  const file = newFile()
  const { child, lines } = start('write', file, 'w')
  let last = -1
  for await (const line of lines) {
    last = Number(line)
    if (last === 50) child.kill('SIGKILL')
  }
  const store = await openStore({ file, key })
  for (let each = 0; each <= last; each++) assert.is((await store.cursor({ id: `w-${each}`, environment: 'default' }))?.cursor, each)
  await store.close()
})

test('processes that open a new store and write at once lose nothing', async () => {
  const file = newFile()
  const said = await Promise.all(['p', 'q', 'r'].map((name) => linesOf(start('accept', file, name))))
  assert.equal(said, [['done'], ['done'], ['done']])
  const store = await openStore({ file, key })
  assert.is(await store.unfinished(recipe), 300)
  await store.close()
})

test('processes that work side by side run every job once', async () => {
  const file = newFile()
  const ids = Array.from({ length: 120 }, (_, index) => `job-${String(index).padStart(3, '0')}`)
  const store = await openStore({ file, key })
  await store.accept({ recipe, runId: 'run', jobs: jobs(...ids), snapshotChanges: [] })
  const done = await Promise.all([linesOf(start('work', file)), linesOf(start('work', file))])
  assert.equal(done.flat().sort(), ids)
  await store.close()
})

test('processes that come and go do not trip over the life signs of others', async () => {
  const file = newFile()
  const said = await Promise.all(['a', 'b', 'c'].map(() => linesOf(start('signs', file))))
  assert.equal(said, [['done'], ['done'], ['done']])
})

test.after(() => {
  for (const child of children) child.kill('SIGKILL')
})

test.run()
