import type { Clock } from '../connector/index.ts'
import type { TriggerBlock } from '../recipe/index.ts'

/** Where a recipe says neither `every` nor `schedule`. */
const defaultEveryMs = 300_000
/** Whoever writes `0s` shall not keep a system busy. */
const leastEveryMs = 100
const minuteMs = 60_000

/** A moment, in milliseconds since 1970, and whether the recipe is due then. */
interface Moment {
  at: number
  due: boolean
}

/** Moments after one, in order and without end. Those that are not due are there so that nobody computes years ahead. */
export type Schedule = (after: number) => Iterable<Moment>

/** When a recipe is polled by a program that keeps running: every so often, or by a cron expression in a time zone. */
export async function scheduleOf({ everyMs = defaultEveryMs, schedule }: Pick<TriggerBlock, 'everyMs' | 'schedule'>): Promise<Schedule> {
  if (!schedule) return (after) => [{ at: after + Math.max(everyMs, leastEveryMs), due: true }]
  const { default: cron } = await import('node-cron')
  const { second } = cron.parse(schedule.cron)
  // Only asked whether it matches: its own search leaves out a day, then a whole year, for a local time that the change of clocks skips.
  const task = cron.createTask(schedule.cron, () => {}, { timezone: schedule.timezone })
  return function* (after) {
    for (let minute = Math.floor(after / minuteMs) * minuteMs; ; minute += minuteMs)
      for (const at of second.map((seconds) => minute + seconds * 1_000)) if (at > after) yield { at, due: task.match(new Date(at)) }
  }
}

/**
 * Waits until a recipe is due again whose last cycle began at `began`: at once when that moment passed during the cycle.
 * @throws the signal's reason
 */
export async function untilDue(schedule: Schedule, began: Date, clock: Clock, stop: AbortSignal): Promise<void> {
  for (const { at, due } of schedule(began.getTime())) {
    for (let now = clock.now(); now.getTime() < at; now = clock.now()) {
      // Somebody has set the clock back: better a poll too many than none for as long.
      if (now < began) return
      await clock.sleep(at - now.getTime(), stop)
    }
    if (due) return
  }
}
