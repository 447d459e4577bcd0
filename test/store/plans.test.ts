import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ClaimedJob, type NewJob, openStore, type RecipeRef, type Store } from '../../runner/store/index.ts'
import { tempFolder } from '../support/temp.ts'

/** SQLite uses a partial index only for a query that repeats its predicate literally; nothing but the plan shows when that breaks. */
const test = suite('query plans')
const recipe: RecipeRef = { id: 'recipe', environment: 'default' }
const at = new Date('2031-05-01T08:00:00Z')
const folder = tempFolder()
const key = randomBytes(32)
const { prepare } = DatabaseSync.prototype

let stores = 0
/** The plans of every query that the work sends to a store with five ready jobs, one of them with two more behind it. */
async function plans(work: (store: Store) => Promise<unknown>): Promise<string[]> {
  const file = join(folder, `store-${stores++}.db`)
  const first = await openStore({ file, key })
  await first.accept({ recipe, runId: 'run', snapshotChanges: [], jobs: newJobs() })
  await first.close()
  const texts = new Set<string>()
  const store = await openStore({ file, key })
  DatabaseSync.prototype.prepare = function (...parameters) {
    texts.add(parameters[0])
    return prepare.apply(this, parameters)
  }
  try {
    await work(store)
  } finally {
    DatabaseSync.prototype.prepare = prepare
    await store.close()
  }
  const database = new DatabaseSync(file)
  const explained = [...texts].flatMap((text) => database.prepare(`explain query plan ${text}`).all() as { detail: string }[])
  database.close()
  return explained.map(({ detail }) => detail)
}

let made = 0
function newJobs(): NewJob[] {
  return Array.from({ length: 7 }, (_, index) => ({
    id: `job-${made++}`,
    eventIds: [`event-${made}`],
    payload: 1,
    createdAt: at,
    ...(index % 2 === 0 && index < 5 && { orderKey: 'k' }),
  }))
}

function uses(found: string[], index: string): void {
  assert.ok(
    found.some((detail) => detail.includes(index)),
    `${index} is not used:\n${found.join('\n')}`,
  )
  assert.equal(
    found.filter((detail) => /^SCAN (?!CONSTANT)/.test(detail)),
    [],
    'a whole table is read',
  )
}

test('a claim reads the index of ready jobs', async () => {
  uses(await plans((store) => store.claim(recipe, 1, 'hash')), 'jobs_ready')
})

test('a page finds the jobs of a key, and the events it has seen, by index', async () => {
  uses(await plans((store) => store.accept({ recipe, runId: 'run', snapshotChanges: [], jobs: newJobs() })), 'jobs_key')
  uses(await plans((store) => store.seen(recipe, ['a'])), 'sqlite_autoindex_events_1')
})

test('a finish readies the next job of the key by index', async () => {
  const found = await plans(async (store) => {
    const [job] = await store.claim(recipe, 1, 'hash')
    await store.finish(job as ClaimedJob, [], { state: 'succeeded', at })
  })
  uses(found, 'SEARCH next USING INDEX jobs_key')
  assert.not.ok(
    found.some((detail) => detail.includes('TEMP B-TREE')),
    `sorted by hand:\n${found.join('\n')}`,
  )
})

test('unfinished jobs are counted in an index', async () => {
  uses(await plans((store) => store.unfinished(recipe)), 'jobs_open')
})

test('take-over reads the index of running jobs', async () => {
  uses(await plans((store) => store.takeOver(recipe)), 'jobs_running')
})

test('hold and release read the indexes of their states', async () => {
  uses(await plans((store) => store.hold(recipe, 'sign in')), 'jobs_ready')
  uses(await plans((store) => store.release(recipe)), 'jobs_held')
})

test('failed jobs are listed by index', async () => {
  uses(await plans((store) => store.jobs({ recipe, states: ['failed'], code: 'c' })), 'jobs_stuck')
})

test('steps and snapshot rows are found by their keys', async () => {
  uses(await plans((store) => store.steps('job-0')), 'sqlite_autoindex_steps_1')
  uses(await plans((store) => store.snapshotRows(recipe, ['a'])), 'sqlite_autoindex_snapshots_1')
})

test.run()
