import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConnectorError } from '../../runner/connector/index.ts'
import { countTo, type Probe, probe, type Script } from './probe.ts'

const test = suite('engine')

const recipe = (steps: string, more = '') =>
  `name: x\n${more}trigger: { type: probe.events${more.includes('#batch') ? ', batch: 2' : ''} }\nsteps:\n${steps}`

async function with_(text: string, script: Partial<Script>, work: (one: Probe) => Promise<void>): Promise<void> {
  const one = await probe(text, script)
  try {
    await work(one)
  } finally {
    await one.close()
  }
}

const failing = (error: Error, times = Number.POSITIVE_INFINITY) => {
  const calls: boolean[] = []
  const run = async ({ again }: { again: boolean }) => {
    calls.push(again)
    if (calls.length <= times) throw error
    return { done: true }
  }
  return { calls, run }
}

test('steps see what earlier ones yield; results are published by id', () => {
  const inputs: unknown[] = []
  const script = {
    actions: {
      read: async () => ({ value: 41 }),
      repeat: async ({ input }: { input: unknown }) => {
        inputs.push(input)
        return {}
      },
    },
  }
  return with_(
    recipe(
      '  - { id: a, action: probe.read }\n  - { action: probe.repeat, with: { x: "${{ steps.a.value + 1 }}", n: "${{ trigger.n }}" } }',
    ),
    script,
    async ({ run }) => {
      assert.equal((await run()).summary.jobs, { succeeded: 1, failed: 0, retried: 0, held: 0, left: 0 })
      assert.equal(inputs, [{ x: 42, n: 1 }])
    },
  )
})

test('a transient failure without effect is tried again under the policy, with back-off', () => {
  const { calls, run: action } = failing(new ConnectorError('transient', 'no_answer', 'gone'), 2)
  return with_(
    recipe('  - { action: probe.never, retry: { attempts: 3, delay: 2s } }'),
    { actions: { never: action } },
    async ({ run, clock }) => {
      assert.is((await run()).summary.outcome, 'ok')
      assert.equal(calls, [false, false, false])
      assert.equal(
        clock.slept.filter((ms) => ms >= 1000),
        [1000, 2000],
      )
    },
  )
})

for (const [name, expected] of [
  ['repeat', 'succeeded'],
  ['ask', 'succeeded'],
  ['never', 'outcome_unknown'],
] as const) {
  test(`after an unknown effect, \`${name}\` ends as ${expected}`, () => {
    const { calls, run: action } = failing(new ConnectorError('transient', 'no_answer', 'gone', { effect: 'unknown' }), 1)
    return with_(recipe(`  - { action: probe.${name} }`), { actions: { [name]: action } }, async ({ run, store }) => {
      await run()
      assert.equal(calls, name === 'never' ? [false] : [false, true])
      assert.is((await store.jobs({}))[0]?.state, expected)
    })
  })
}

for (const [what, thrown, expected] of [
  [
    'says what it waited for is a trigger error',
    () => new ConnectorError('transient', 'token_endpoint_unavailable', 'busy'),
    'trigger_error',
  ],
  ['was only stopped is no failure', (signal: AbortSignal) => signal.reason, 'nothing'],
] as const)
  test(`a poll whose time is up and that ${what}`, () => {
    const stop = new AbortController()
    const poll: Script['poll'] = async function* ({ signal }) {
      stop.abort(new Error('the time is up'))
      yield* []
      throw thrown(signal)
    }
    return with_(recipe('  - { action: probe.read }'), { poll }, async ({ run }) =>
      assert.is((await run({ stop: stop.signal })).summary.outcome, expected),
    )
  })

test('waiting as asked is outside the count', () => {
  const { calls, run: action } = failing(new ConnectorError('rate_limited', 'throttled', 'slow down', { retryAfterMs: 30_000 }), 4)
  return with_(recipe('  - { action: probe.repeat, retry: { attempts: 1 } }'), { actions: { repeat: action } }, async ({ run, clock }) => {
    assert.is((await run()).summary.outcome, 'ok')
    assert.is(calls.length, 5)
    assert.is(clock.slept.filter((ms) => ms === 30_000).length, 4)
  })
})

test('a rejected step fails the job at once, and a rerun does not repeat what is finished', () => {
  let broken = true
  const done: string[] = []
  const script = {
    actions: {
      repeat: async () => {
        done.push('first')
        return { id: 7 }
      },
      ask: async ({ again, input }: { again: boolean; input: unknown }) => {
        if (broken) throw new ConnectorError('rejected', 'bad', 'no')
        done.push(`second ${again} ${JSON.stringify(input)}`)
        return {}
      },
    },
  }
  return with_(
    recipe('  - { id: first, action: probe.repeat }\n  - { id: second, action: probe.ask, with: { id: "${{ steps.first.id }}" } }'),
    script,
    async ({ run, store }) => {
      const { summary, events } = await run()
      assert.is(summary.outcome, 'job_errors')
      const error = events.find((event) => event.type === 'job_error')
      assert.equal(error && [error.code, error.step], ['bad', 'second'])
      broken = false
      await store.requeue({})
      assert.is((await run({ source: 'none' })).summary.jobs.succeeded, 1)
      assert.equal(done, ['first', 'second false {"id":7}'])
    },
  )
})

test('on_error: continue goes on and tells the error', () => {
  const seen: unknown[] = []
  const script = {
    actions: {
      read: async () => {
        throw new ConnectorError('rejected', 'bad', 'no')
      },
      repeat: async ({ input }: { input: unknown }) => {
        seen.push(input)
        return {}
      },
    },
  }
  return with_(
    recipe(
      '  - { id: a, action: probe.read, on_error: continue }\n  - { action: probe.repeat, with: { code: "${{ steps.?a.?error.code }}" } }',
    ),
    script,
    async ({ run }) => {
      assert.is((await run()).summary.outcome, 'ok')
      assert.equal(seen, [{ code: 'bad' }])
    },
  )
})

test('a loop that was interrupted goes on at its turn', () => {
  const turns: number[] = []
  const abort = new AbortController()
  const script = {
    actions: {
      read: async () => ({ list: [1, 2, 3, 4, 5] }),
      repeat: async ({ input }: { input: Record<string, unknown> }) => {
        if (input.n === 3 && !abort.signal.aborted) {
          abort.abort(new Error('stop'))
          abort.signal.throwIfAborted()
        }
        turns.push(input.n as number)
        return {}
      },
    },
  }
  const steps =
    '  - { id: l, action: probe.read }\n  - for_each: ${{ steps.l.list }}\n    as: n\n    do:\n      - { action: probe.repeat, with: { n: "${{ n }}" } }'
  return with_(recipe(steps), script, async ({ run, store }) => {
    await run({ stop: abort.signal, abort: abort.signal })
    assert.equal(turns, [1, 2])
    assert.equal((await store.jobs({}))[0]?.state, 'ready')
    assert.is((await run({ source: 'none' })).summary.jobs.succeeded, 1)
    assert.equal(turns, [1, 2, 3, 4, 5])
  })
})

test('polling: a transient failure is tried again from the last committed page', () => {
  let polls = 0
  const script: Partial<Script> = {
    async *poll({ cursor }) {
      polls++
      if (cursor === null) yield { events: [{ id: 'e1', record: { n: 1 } }], cursor: 1 }
      if (polls === 1) throw new ConnectorError('transient', 'no_answer', 'gone')
      if (cursor === 1)
        yield {
          events: [
            { id: 'e1', record: { n: 1 } },
            { id: 'e2', record: { n: 2 } },
          ],
          cursor: 2,
        }
    },
    actions: { repeat: async () => ({}) },
  }
  return with_(recipe('  - { action: probe.repeat }'), script, async ({ run, store }) => {
    assert.equal((await run()).summary.events, 2)
    assert.is((await store.jobs({})).length, 2)
  })
})

test('polling: what is rejected is a trigger error; jobs of earlier pages run', () => {
  const script: Partial<Script> = {
    async *poll() {
      yield { events: [{ id: 'e1', record: {} }], cursor: 1 }
      throw new ConnectorError('rejected', 'bad_filter', 'no such column')
    },
    actions: { repeat: async () => ({}) },
  }
  return with_(recipe('  - { action: probe.repeat }'), script, async ({ run, store }) => {
    const { summary } = await run()
    assert.equal([summary.outcome, summary.jobs.succeeded], ['trigger_error', 1])
    assert.is((await store.runs({}))[0]?.error?.code, 'bad_filter')
    assert.is((await store.cursor({ id: 'recipe.yaml', environment: 'default' }))?.cursor, 1)
  })
})

test('a condition of the trigger that fails makes a failed job, not a blocked recipe', () => {
  const text = 'name: x\ntrigger: { type: probe.events, if: "${{ trigger.missing == 1 }}" }\nsteps:\n  - { action: probe.read }'
  return with_(text, {}, async ({ run, store }) => {
    const { summary, events } = await run()
    const [job] = await store.jobs({})
    assert.equal([job?.state, job?.error?.code], ['failed', 'expression_failed'])
    assert.equal([summary.outcome, summary.jobs.failed, events.filter((event) => event.type === 'job_error').length], ['job_errors', 1, 1])
    assert.is((await run()).summary.outcome, 'nothing')
  })
})

test('batches hold up to so many events', () => {
  const sizes: unknown[] = []
  const script = {
    poll: countTo(5),
    actions: {
      repeat: async ({ input }: { input: Record<string, unknown> }) => {
        sizes.push(input.size)
        return {}
      },
    },
  }
  const text =
    'name: x\ntrigger: { type: probe.events, batch: 2 }\nsteps:\n  - { action: probe.repeat, with: { size: "${{ batch.records.size() }}" } }'
  return with_(text, script, async ({ run }) => {
    assert.equal((await run()).summary.jobs.succeeded, 3)
    assert.equal(sizes, [2, 2, 1])
  })
})

test('two cycles of one recipe never overlap', () => {
  let release = () => {}
  const blocked = new Promise<void>((resolve) => {
    release = resolve
  })
  const script = {
    actions: {
      repeat: async () => {
        await blocked
        return {}
      },
    },
  }
  return with_(recipe('  - { action: probe.repeat }'), script, async ({ run }) => {
    const first = run()
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.is((await run()).summary.outcome, 'locked')
    release()
    assert.is((await first).summary.outcome, 'ok')
  })
})

test('a bug keeps its stack and is not tried again', () => {
  const { calls, run: action } = failing(new TypeError('undefined is not a function'))
  return with_(recipe('  - { action: probe.repeat }'), { actions: { repeat: action } }, async ({ run, store }) => {
    await run()
    assert.is(calls.length, 1)
    const error = (await store.jobs({}))[0]?.error
    assert.is(error?.code, 'bug')
    assert.match(error?.stack ?? '', 'TypeError')
  })
})

test.run()
