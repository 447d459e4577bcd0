import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CycleRequest } from '../../runner/commands/cycle.ts'
import { type WatchPorts, watch } from '../../runner/commands/watch.ts'
import type { Summary } from '../../runner/engine/index.ts'
import { cli } from '../support/cli.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { recipeFolder } from '../support/recipes.ts'
import { watching } from '../support/watching.ts'

const test = suite('runner run --watch')

interface World {
  clock: ManualClock
  ports: WatchPorts
  stop: AbortController
  abort: AbortController
}

function world(): World {
  const [clock, stop, abort] = [manualClock(new Date('2027-01-04T08:00:00Z')), new AbortController(), new AbortController()]
  return { clock, stop, abort, ports: { clock, stop: stop.signal, abort: abort.signal, maxTimeMs: 60_000 } }
}

const summary = (outcome: Summary['outcome']) => ({ outcome }) as Summary

/** A recipe whose cycles are given. */
function recipe(everyMs: number, cycle: (request: CycleRequest, turn: number) => Promise<Summary>) {
  let turn = 0
  return { recipe: { trigger: { everyMs } }, cycle: (request: CycleRequest) => cycle(request, turn++) }
}

test('the first cycle at once, then on the schedule, until stopped; errors do not end it, and the last summary counts', async () => {
  const { clock, ports, stop } = world()
  const began: string[] = []
  const outcomes = ['ok', 'trigger_error', 'job_errors', 'locked', 'nothing'] as const
  const summaries = await watch(
    [
      recipe(60_000, async (_, turn) => {
        began.push(clock.now().toISOString().slice(11, 19))
        clock.pass(5_000)
        if (turn === 4) stop.abort(new Error('stopped'))
        return summary(outcomes[turn] as Summary['outcome'])
      }),
    ],
    ports,
  )
  assert.equal(began, ['08:00:00', '08:01:00', '08:02:00', '08:03:00', '08:04:00'])
  assert.equal(summaries, [summary('nothing')])
})

test('each recipe has its own schedule, and none waits for another', async () => {
  const { ports, stop } = world()
  const turns: string[] = []
  let slowEnds = () => {}
  await watch(
    [
      recipe(1_000, async () => {
        turns.push('slow')
        await new Promise<void>((resolve) => {
          slowEnds = resolve
        })
        return summary('ok')
      }),
      recipe(1_000, async (_, turn) => {
        turns.push('quick')
        if (turn === 3) {
          stop.abort(new Error('stopped'))
          slowEnds()
        }
        return summary('ok')
      }),
    ],
    ports,
  )
  assert.equal(turns, ['slow', 'quick', 'quick', 'quick', 'quick'])
})

test('a cycle feels both signals, and its time', async () => {
  const { ports, stop, abort } = world()
  const felt: string[] = []
  await watch(
    [
      recipe(1_000, async (request, turn) => {
        request.stop.addEventListener('abort', () => felt.push(`stop ${turn}`))
        request.abort.addEventListener('abort', () => felt.push(`abort ${turn}`))
        if (turn === 0) await once(request.stop, 'abort')
        else {
          stop.abort(new Error('stopped'))
          abort.abort(new Error('stopped'))
        }
        return summary('ok')
      }),
    ],
    { ...ports, maxTimeMs: 1 },
  )
  // What is over is aborted, so that it can be freed.
  assert.equal(felt, ['stop 0', 'abort 0', 'stop 1', 'abort 1'])
})

test('a fault ends all of them, the others in peace', async () => {
  const { ports } = world()
  const fault = new Error('the disk is full')
  let ended = false
  const thrown = await watch(
    [
      recipe(1_000, async ({ stop }) => {
        if (!stop.aborted) await once(stop, 'abort')
        ended = true
        return summary('ok')
      }),
      recipe(1_000, async () => {
        throw fault
      }),
    ],
    ports,
  ).catch((error) => error)
  assert.is(thrown, fault)
  assert.ok(ended)
})

const copies = (rows: string, out: string) => `name: Copies
trigger: { type: files.rows, every: 100ms, with: { path: ${rows} } }
steps:
  - action: files.append
    with: { path: ${out}, row: { n: "\${{ trigger.n }}" } }
`

test('the real program: two recipes at once, each line says which; a signal ends it with the status of the last cycles', async () => {
  const cwd = recipeFolder({
    'one.yaml': copies('one.csv', 'out/one.jsonl'),
    'two.yaml': copies('two.csv', '../outside.jsonl'),
    'one.csv': 'n\n1\n',
    'two.csv': 'n\n',
  })
  const { lines, summary, stop } = watching(['one.yaml', 'two.yaml'], { cwd })
  await summary('ok', { recipe: 'one.yaml', events: 1 })
  appendFileSync(join(cwd, 'one.csv'), '2\n')
  await summary('ok', { recipe: 'one.yaml', events: 1 })
  appendFileSync(join(cwd, 'two.csv'), '1\n')
  const error = await lines.next(({ type }) => type === 'job_error')
  assert.equal([error.recipe, error.code], ['two.yaml', 'path_outside_folder'])
  await summary('nothing', { recipe: 'two.yaml' })
  assert.is(await stop(), 0)
  assert.is(readFileSync(join(cwd, 'out/one.jsonl'), 'utf8'), '{"n":"1"}\n{"n":"2"}\n')
})

test('the real program ends with the status of a trigger error that still is', async () => {
  const { summary, stop } = watching(['recipe.yaml'], { cwd: recipeFolder({ 'recipe.yaml': copies('nowhere.csv', 'out.jsonl') }) })
  for (const _ of [1, 2]) await summary('trigger_error')
  assert.is(await stop('SIGINT'), 3)
})

for (const more of [
  ['--until', '2031-05-01T08:00:00Z'],
  ['--trigger-data', 'event.json'],
])
  test(`${more[0]} does not go with it`, async () => {
    const { code, stderr } = await cli(['run', 'recipe.yaml', '--watch', ...more], {
      cwd: recipeFolder({ 'recipe.yaml': copies('rows.csv', 'out.jsonl'), 'event.json': '{}' }),
    })
    assert.is(code, 2)
    assert.match(stderr, '--watch')
  })

test.run()
