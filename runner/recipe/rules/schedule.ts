import type { CheckContext } from '../context.ts'
import { isObject } from '../context.ts'

/** Schedules are judged by the very library that runs them. */
export async function checkSchedule(context: CheckContext, trigger: Record<string, unknown>): Promise<void> {
  const { schedule, every, timezone } = trigger
  if (schedule !== undefined && every !== undefined)
    context.problem(['trigger', 'every'], 'every_and_schedule', '`every` and `schedule` say the same thing. Keep one of them.', {
      key: true,
    })
  if (timezone !== undefined && schedule === undefined)
    context.problem(['trigger', 'timezone'], 'timezone_without_schedule', '`timezone` belongs to `schedule`. Add one, or remove it.', {
      key: true,
    })
  if (typeof schedule === 'string') {
    const { default: cron } = await import('node-cron')
    if (!cron.validate(schedule))
      context.problem(
        ['trigger', 'schedule'],
        'schedule_invalid',
        `\`${schedule}\` is no cron expression of five or six fields. Write it like \`*/5 6-20 * * 1-5\`.`,
      )
  }
  if (typeof timezone === 'string' && !isTimeZone(timezone)) {
    context.problem(
      ['trigger', 'timezone'],
      'timezone_unknown',
      `There is no time zone \`${timezone}\`. Use an IANA name such as Europe/Berlin.`,
    )
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

export function hasSchedule(trigger: unknown): trigger is { schedule: string; timezone?: string } {
  return isObject(trigger) && typeof trigger.schedule === 'string'
}
