import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scheduleOf, untilDue } from '../../runner/commands/schedule.ts'
import { manualClock } from '../support/manual-clock.ts'

const test = suite('when a recipe is due again')
const never = new AbortController().signal

/** The moment at which a recipe is due whose cycle began at `began` and took so long. */
async function due(trigger: Parameters<typeof scheduleOf>[0], began: string, tookMs = 0): Promise<string> {
  const clock = manualClock(new Date(began))
  clock.pass(tookMs)
  await untilDue(await scheduleOf(trigger), new Date(began), clock, never)
  return clock.now().toISOString()
}

const cron = (text: string, timezone = 'UTC') => ({ schedule: { cron: text, timezone } })

test('`every` counts from the beginning of a cycle, five minutes where nothing is said', async () => {
  assert.is(await due({ everyMs: 90_000 }, '2027-01-04T08:00:00.250Z', 10_000), '2027-01-04T08:01:30.250Z')
  assert.is(await due({}, '2027-01-04T08:00:00Z'), '2027-01-04T08:05:00.000Z')
  assert.is(await due({ everyMs: 0 }, '2027-01-04T08:00:00Z'), '2027-01-04T08:00:00.100Z')
})

test('a moment that passed during the cycle is due at once', async () => {
  assert.is(await due({ everyMs: 1_000 }, '2027-01-04T08:00:00Z', 61_000), '2027-01-04T08:01:01.000Z')
  assert.is(await due(cron('*/5 * * * *'), '2027-01-04T08:04:00Z', 61_000 + 600_000), '2027-01-04T08:15:01.000Z')
})

test('cron expressions of five and six fields; the moment of the beginning itself counts once', async () => {
  assert.is(await due(cron('*/5 * * * *'), '2027-01-04T08:00:00Z'), '2027-01-04T08:05:00.000Z')
  assert.is(await due(cron('15,45 30 * * * *'), '2027-01-04T08:30:15Z'), '2027-01-04T08:30:45.000Z')
  assert.is(await due(cron('15,45 30 * * * *'), '2027-01-04T08:30:45.001Z'), '2027-01-04T09:30:15.000Z')
  assert.is(await due(cron('0 7 * * 1-5'), '2027-01-08T07:00:10Z'), '2027-01-11T07:00:00.000Z')
})

test('in a time zone: a local time that the change of clocks skips is left out that day, one that comes twice is due twice', async () => {
  const berlin = cron('30 2 * * *', 'Europe/Berlin')
  assert.is(await due(berlin, '2027-01-04T08:00:00Z'), '2027-01-05T01:30:00.000Z')
  assert.is(await due(berlin, '2027-03-27T08:00:00Z'), '2027-03-29T00:30:00.000Z')
  assert.is(await due(berlin, '2027-10-30T08:00:00Z'), '2027-10-31T00:30:00.000Z')
  assert.is(await due(berlin, '2027-10-31T00:30:00Z'), '2027-10-31T01:30:00.000Z')
})

test('a clock that was set back does not keep a recipe waiting', async () => {
  assert.is(await due({ everyMs: 60_000 }, '2027-01-04T08:00:00Z', -86_400_000), '2027-01-03T08:00:00.000Z')
  assert.is(await due(cron('0 8 * * *'), '2027-01-04T08:00:00Z', -86_400_000), '2027-01-03T08:00:00.000Z')
})

test('a timer that comes early is waited for again', async () => {
  const clock = manualClock(new Date('2027-01-04T08:00:00Z'))
  const early = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(Math.ceil(ms / 2), signal) }
  await untilDue(await scheduleOf({ everyMs: 1_000 }), clock.now(), early, never)
  assert.is(clock.now().toISOString(), '2027-01-04T08:00:01.000Z')
})

test('stopped while waiting', async () => {
  const reason = new Error('stopped')
  const clock = manualClock()
  const thrown = await untilDue(await scheduleOf({}), clock.now(), clock, AbortSignal.abort(reason)).catch((error) => error)
  assert.is(thrown, reason)
})

test.run()
