import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ClaimedJob, FenceLost, type NewJob, type RecipeRef, type Store } from '../../runner/store/index.ts'

const at = new Date('2031-05-01T08:00:00Z')
const hash = 'recipe-1'

export function job(id: string, more: Partial<NewJob> = {}): NewJob {
  return { id, eventIds: [`event-${id}`], payload: { trigger: { id } }, createdAt: at, ...more }
}

/** The behaviour that every store owes. `open` gives an empty one. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  const test = suite(`store: ${name}`)
  let count = 0
  const recipe = (): RecipeRef => ({ id: `recipe-${count++}`, environment: 'default' })
  const accept = (store: Store, ref: RecipeRef, jobs: NewJob[]) => store.accept({ recipe: ref, runId: 'run-1', jobs, snapshotChanges: [] })
  const succeed = (store: Store, claimed: ClaimedJob) => store.finish(claimed, [], { state: 'succeeded', at })
  const with_ = (work: (store: Store) => Promise<void>) => async () => {
    const store = await open()
    try {
      await work(store)
    } finally {
      await store.close()
    }
  }

  test(
    'a page is accepted whole: jobs, identities, snapshot, cursor',
    with_(async (store) => {
      const ref = recipe()
      await store.accept({
        recipe: ref,
        runId: 'run-1',
        jobs: [job('a1'), job('a2')],
        snapshotChanges: [{ id: 'row-1', row: { version: '7', values: { name: 'Petrel' } } }],
        cursor: { value: { token: 'next' }, at },
      })
      assert.equal((await store.cursor(ref))?.cursor, { token: 'next' })
      assert.equal(await store.seen(ref, ['event-a1', 'event-a3']), new Set(['event-a1']))
      assert.equal((await store.snapshotRows(ref, ['row-1', 'row-2'])).get('row-1'), { version: '7', values: { name: 'Petrel' } })
      assert.is(await store.unfinished(ref), 2)
    }),
  )

  test(
    'a page with an event that was seen is refused whole',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [job('b1')])
      const repeated = {
        recipe: ref,
        runId: 'run-1',
        jobs: [job('b2'), { ...job('b3'), eventIds: ['event-b1'] }],
        snapshotChanges: [],
        cursor: { value: 1, at },
      }
      await store.accept(repeated).then(
        () => assert.unreachable(),
        () => {},
      )
      assert.is(await store.unfinished(ref), 1)
      assert.is(await store.cursor(ref), undefined)
    }),
  )

  test(
    'claims take the oldest first and begin with the recipe of the moment',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [job('c1'), job('c2'), job('c3')])
      const claimed = await store.claim(ref, 2, hash)
      assert.equal(
        claimed.map((each) => [each.jobId, each.fence, each.attempt, each.recipeHash]),
        [
          ['c1', 1, 1, hash],
          ['c2', 1, 1, hash],
        ],
      )
      assert.equal(claimed[0]?.payload, { trigger: { id: 'c1' } })
      await store.finish(claimed[0] as ClaimedJob, [], { state: 'ready', at })
      const [again] = await store.claim(ref, 1, 'recipe-2')
      assert.equal(
        [again?.jobId, again?.fence, again?.attempt, again?.recipeHash],
        ['c1', 2, 1, hash],
        'given back: attempt uncounted, its own recipe',
      )
    }),
  )

  test(
    'a write under an old fence is refused and writes nothing',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [job('d1')])
      const [old] = (await store.claim(ref, 1, hash)) as [ClaimedJob]
      await store.finish(old, [], { state: 'ready', at })
      await store.claim(ref, 1, hash)
      const step = { address: 'x', nodeHash: 'h', state: 'started' as const, key: 'k', attempt: 1, startedAt: at }
      for (const write of [store.saveSteps(old, [step]), store.finish(old, [step], { state: 'succeeded', at })]) {
        await write.then(
          () => assert.unreachable(),
          (error) => assert.instance(error, FenceLost),
        )
      }
      assert.equal(await store.steps('d1'), [])
      assert.is((await store.job('d1'))?.state, 'running')
    }),
  )

  test(
    'steps come back as they were stored, in order, replaced by address',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [job('e1')])
      const [claimed] = (await store.claim(ref, 1, hash)) as [ClaimedJob]
      const row = {
        address: 'b',
        nodeHash: 'h1',
        state: 'started' as const,
        key: 'e1/b',
        attempt: 1,
        input: { name: 'ä"\u0000' },
        startedAt: at,
      }
      await store.saveSteps(claimed, [row, { ...row, address: 'a' }])
      const done = { ...row, state: 'succeeded' as const, output: null, progress: [1], endedAt: at }
      await store.finish(claimed, [done], { state: 'failed', at, step: 'a', error: { kind: 'rejected', code: 'missing', message: 'no' } })
      assert.equal(await store.steps('e1'), [done, { ...row, address: 'a' }])
      const stored = await store.job('e1')
      assert.equal([stored?.state, stored?.step, stored?.error?.code, stored?.endedAt], ['failed', 'a', 'missing', at])
    }),
  )

  test(
    'failed jobs are requeued by code, and their steps stay',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [job('f1'), job('f2'), job('f3')])
      for (const claimed of await store.claim(ref, 2, hash)) {
        await store.finish(claimed, [], {
          state: 'failed',
          at,
          error: { kind: 'auth', code: claimed.jobId === 'f1' ? 'reconnect_needed' : 'other', message: '' },
        })
      }
      assert.equal(await store.requeue({ recipe: ref, code: 'reconnect_needed' }), ['f1'])
      const claimed = await store.claim(ref, 5, hash)
      assert.equal(
        claimed.map((each) => each.jobId),
        ['f1', 'f3'],
      )
      assert.is(claimed[0]?.fence, 2)
    }),
  )

  test(
    'held jobs are those that have not begun, and they come back',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [job('g1'), job('g2')])
      const [begun] = (await store.claim(ref, 1, hash)) as [ClaimedJob]
      await store.finish(begun, [], { state: 'ready', at })
      assert.is(await store.hold(ref, 'sign in'), 1)
      assert.equal(
        (await store.claim(ref, 5, hash)).map((each) => each.jobId),
        ['g1'],
      )
      assert.is((await store.job('g2'))?.reason, 'sign in')
      assert.is(await store.release(ref), 1)
      assert.equal(
        (await store.claim(ref, 5, hash)).map((each) => each.jobId),
        ['g2'],
      )
    }),
  )

  test(
    'a job born failed never runs',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [
        job('h1', { failed: { kind: 'rejected', code: 'expression_failed', message: 'no' }, orderKey: 'k' }),
        job('h2', { orderKey: 'k' }),
      ])
      assert.equal(
        (await store.claim(ref, 5, hash)).map((each) => each.jobId),
        ['h2'],
      )
    }),
  )

  test(
    'a token row is swapped only on the version that was read',
    with_(async (store) => {
      const { tokens } = store
      const row = (refresh: string) => ({ fingerprint: 'f', payload: { refresh } })
      const first = (await tokens.put('c', row('r1'), 0)) as number
      assert.ok(first > 0)
      assert.is(await tokens.put('c', row('r2'), 0), undefined)
      const second = (await tokens.put('c', row('r2'), first)) as number
      assert.ok(second > first)
      assert.is(await tokens.put('c', row('r3'), first), undefined)
      assert.equal(await tokens.get('c'), { ...row('r2'), version: second })
      assert.is(await tokens.delete('c'), true)
      assert.is(await tokens.get('c'), undefined)
      assert.is(await tokens.put('c', row('r3'), second), undefined, 'a deleted row does not come back')
      const again = await tokens.put('c', row('r4'), 0)
      assert.not.ok(again === first || again === second, 'nor is a new one taken for it')
    }),
  )

  test(
    'a living process is not gone',
    with_(async ({ tokens }) => {
      assert.is(tokens.isGone(tokens.lifeSign), false)
      assert.is(tokens.isGone('never was'), true)
    }),
  )

  test(
    'a lock has one holder',
    with_(async (store) => {
      const lock = await store.lock('recipe:x')
      assert.is(await store.lock('recipe:x'), undefined)
      await lock?.release()
      const again = await store.lock('recipe:x')
      assert.ok(again)
      await again?.release()
    }),
  )

  test(
    'runs are kept with outcome and error, newest first',
    with_(async (store) => {
      const ref = recipe()
      const run = { recipe: ref, recipeHash: hash, runnerVersion: '0.1.0' }
      await store.startRun({ ...run, id: `${ref.id}-1`, startedAt: at })
      await store.startRun({ ...run, id: `${ref.id}-2`, startedAt: new Date(at.getTime() + 1000), gitCommit: 'abc' })
      await store.finishRun(`${ref.id}-1`, {
        endedAt: at,
        outcome: 'trigger_error',
        counts: { events: 0 },
        error: { kind: 'auth', code: 'reconnect_needed', message: 'x' },
      })
      const [second, first] = await store.runs({ recipe: ref })
      assert.is(second?.gitCommit, 'abc')
      assert.equal([first?.outcome, first?.error?.code, first?.counts], ['trigger_error', 'reconnect_needed', { events: 0 }])
    }),
  )

  test(
    'resetting a cursor forgets the snapshot',
    with_(async (store) => {
      const ref = recipe()
      await store.accept({
        recipe: ref,
        runId: 'r',
        jobs: [],
        snapshotChanges: [{ id: 'a', row: { version: '1', values: 1 } }],
        cursor: { value: 1, at },
      })
      await store.setCursor(ref, undefined)
      assert.is(await store.cursor(ref), undefined)
      assert.equal(await store.snapshotIds(ref, '', 10), [])
    }),
  )

  test(
    'jobs of one key never overlap, run in order, and all get done',
    with_(async (store) => {
      const steps = fc.array(
        fc.record({
          what: fc.constantFrom('accept', 'claim', 'finish', 'give back', 'fail'),
          key: fc.constantFrom('k1', 'k2', undefined),
          pick: fc.nat(5),
        }),
        { maxLength: 40 },
      )
      await fc.assert(
        fc.asyncProperty(steps, async (script) => {
          const ref = recipe()
          const running: ClaimedJob[] = []
          const keyOf = new Map<string, string | undefined>()
          const ended: string[] = []
          let made = 0
          const claim = async () => {
            running.push(...(await store.claim(ref, 2, hash)))
            const keys = running.map((each) => keyOf.get(each.jobId)).filter(Boolean)
            assert.is(new Set(keys).size, keys.length, 'two jobs of one key run at once')
          }
          const end = async (index: number, state: 'succeeded' | 'failed' | 'ready') => {
            const [claimed] = running.splice(index % running.length, 1)
            if (!claimed) return
            await store.finish(claimed, [], { state, at })
            if (state !== 'ready') ended.push(claimed.jobId)
          }
          for (const { what, key, pick } of script) {
            if (what === 'accept') {
              const id = `${ref.id}-${String(made++).padStart(3, '0')}`
              keyOf.set(id, key)
              await accept(store, ref, [job(id, key ? { orderKey: key } : {})])
            } else if (what === 'claim') await claim()
            else await end(pick, what === 'finish' ? 'succeeded' : what === 'fail' ? 'failed' : 'ready')
          }
          while ((await store.unfinished(ref)) > 0) {
            await claim()
            while (running.length > 0) await end(0, 'succeeded')
          }
          assert.is(ended.length, made)
          for (const key of ['k1', 'k2']) {
            const order = ended.filter((id) => keyOf.get(id) === key)
            assert.equal(order, order.toSorted(), 'order within a key')
          }
        }),
        { numRuns: 40 },
      )
    }),
  )

  test(
    'requeued jobs of one key do not run side by side',
    with_(async (store) => {
      const ref = recipe()
      await accept(store, ref, [job('q1', { orderKey: 'k' }), job('q2', { orderKey: 'k' })])
      for (let i = 0; i < 2; i++) for (const each of await store.claim(ref, 2, hash)) await store.finish(each, [], { state: 'failed', at })
      assert.is((await store.requeue({ recipe: ref })).length, 2)
      const [first, ...others] = await store.claim(ref, 2, hash)
      assert.is(first?.jobId, 'q1')
      assert.is(others.length, 0)
      await succeed(store, first as ClaimedJob)
      assert.equal(
        (await store.claim(ref, 2, hash)).map((each) => each.jobId),
        ['q2'],
      )
    }),
  )

  test.run()
}
