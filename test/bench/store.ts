/** What the store costs: `node test/bench/store.ts`. Prints one line per measurement; nothing is asserted, machines differ. */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NewJob, openStore, type RecipeRef, type Store } from '../../runner/store/index.ts'

const hash = 'recipe-1'
const at = new Date('2031-05-01T08:00:00Z')
const payload = { trigger: { name: 'Contoso', notes: 'n'.repeat(900) } }
const folder = mkdtempSync(join(tmpdir(), 'runner-bench-'))

function newJobs(count: number, orderKey?: (index: number) => string): NewJob[] {
  return Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    eventIds: [randomUUID()],
    payload,
    createdAt: at,
    ...(orderKey && { orderKey: orderKey(index) }),
  }))
}

const row = (what: string, count: number, ms: number) =>
  process.stdout.write(
    `${what.padEnd(58)}${String(Math.round((count / ms) * 1000)).padStart(9)}/s ${(ms / count).toFixed(3).padStart(9)} ms each\n`,
  )

async function measure(what: string, count: number, work: () => Promise<void>): Promise<void> {
  const began = performance.now()
  await work()
  row(what, count, performance.now() - began)
}

async function commits(store: Store, waiters: number): Promise<void> {
  const count = waiters * 200
  await measure(`single writes, ${waiters} waiting`, count, async () => {
    for (let done = 0; done < count; done += waiters) {
      await Promise.all(
        Array.from({ length: waiters }, (_, index) => store.setCursor({ id: `recipe-${index}`, environment: 'bench' }, done)),
      )
    }
  })
}

async function accept(store: Store, recipe: RecipeRef, pages: number, orderKey?: (index: number) => string): Promise<void> {
  const name = orderKey ? 'pages of 1,000 events with order keys' : 'pages of 1,000 events'
  const made = Array.from({ length: pages }, () => newJobs(1_000, orderKey))
  await measure(`accept, ${name}`, pages, async () => {
    for (const jobs of made) await store.accept({ recipe, runId: 'run', jobs, snapshotChanges: [], cursor: { value: 1, at } })
  })
}

async function work(store: Store, recipe: RecipeRef, what: string, wide: number, count: number): Promise<void> {
  await measure(`claim and finish, ${what}, ${wide} wide`, count, async () => {
    let left = count
    const lane = async () => {
      while (left-- > 0) {
        const [job] = await store.claim(recipe, 1, hash)
        if (!job) return
        await store.finish(
          job,
          [{ address: 'a', nodeHash: 'h', state: 'succeeded', key: 'k', attempt: 1, output: payload, startedAt: at }],
          { state: 'succeeded', at },
        )
      }
    }
    await Promise.all(Array.from({ length: wide }, lane))
  })
}

const store = await openStore({ file: join(folder, 'store.db'), key: randomBytes(32) })
try {
  for (const waiters of [1, 10, 100]) await commits(store, waiters)
  const [plain, keyed, oneKey]: RecipeRef[] = ['plain', 'keyed', 'one-key'].map((id) => ({ id, environment: 'bench' })) as [
    RecipeRef,
    RecipeRef,
    RecipeRef,
  ]
  const pages = Number(process.argv[2] ?? 20)
  await accept(store, plain as RecipeRef, pages)
  await accept(store, keyed as RecipeRef, pages, (index) => `row-${index}`)
  await accept(store, oneKey as RecipeRef, pages, () => 'row')
  for (const wide of [1, 10, 100]) await work(store, plain as RecipeRef, 'no key', wide, wide * 30)
  await work(store, keyed as RecipeRef, `${pages} jobs a key`, 100, 1_000)
  await work(store, oneKey as RecipeRef, `${pages * 1_000} jobs of one key`, 1, 100)
  await measure('unfinished', 20, async () => {
    for (let i = 0; i < 20; i++) await store.unfinished(plain as RecipeRef)
  })
} finally {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
}
