import { formatTime, isoInZone } from './date-format.ts'
import type { FunctionEntry } from './entry.ts'
import { refused } from './entry.ts'

/** Start of the job whose expression is being evaluated. Evaluation is synchronous, so one variable serves every job. */
let jobStart: Date | undefined

/** Evaluates with `now()` standing still at the given time. */
export function withNow<T>(start: Date | undefined, evaluate: () => T): T {
  jobStart = start
  try {
    return evaluate()
  } finally {
    jobStart = undefined
  }
}

export const dateFunctions: FunctionEntry[] = [
  {
    name: 'now',
    overloads: { 'now(): google.protobuf.Timestamp': now },
    sentence: 'When the job began (`job.started_at`), so that a repeated step computes the same.',
    examples: [['now()', '2031-05-01T08:00:00Z']],
  },
  {
    name: 'date',
    overloads: { 'date(time): google.protobuf.Timestamp': (time: Date) => time },
    sentence: 'The time that an ISO 8601 text names; a date alone is midnight UTC.',
    examples: [
      ['date("2031-05-01")', '2031-05-01T00:00:00Z'],
      ['date("2031-05-01T10:00:00+02:00") == now()', true],
    ],
  },
  {
    name: 'add',
    overloads: { 'add(time, number, string): google.protobuf.Timestamp': add },
    sentence:
      'The time moved by so many `years`, `months`, `weeks`, `days`, `hours`, `minutes` or `seconds`; a day that the month lacks becomes its last.',
    examples: [
      ['add(now(), 1, "days")', '2031-05-02T08:00:00Z'],
      ['add("2031-01-31", 1, "months")', '2031-02-28T00:00:00Z'],
      ['add(now(), -90, "minutes")', '2031-05-01T06:30:00Z'],
    ],
  },
  {
    name: 'in_timezone',
    overloads: { 'in_timezone(time, string): string': isoInZone },
    sentence: 'The time as ISO 8601 text in a time zone, with its offset.',
    examples: [['in_timezone(now(), "Europe/Berlin")', '2031-05-01T10:00:00+02:00']],
  },
  {
    name: 'format',
    overloads: {
      'format(time, string): string': (time: Date, pattern: string) => formatTime(time, pattern, 'UTC'),
      'format(time, string, string): string': formatTime,
    },
    sentence:
      'The time as text: `yyyy yy MMMM MMM MM M dd d EEEE EEE HH H hh h mm ss SSS a XXX`, other letters in single quotes; UTC, or the time zone given third.',
    examples: [
      ['format(now(), "yyyy-MM-dd")', '2031-05-01'],
      ['format(now(), "d MMMM yyyy, HH:mm", "Europe/Berlin")', '1 May 2031, 10:00'],
      ['format("2031-05-01", "\'day\' d")', 'day 1'],
    ],
  },
]

function now(): Date {
  if (jobStart === undefined) throw refused('now() is known only in the steps of a job, where `job.started_at` is in scope')
  return jobStart
}

const unitMs: Record<string, number> = { week: 604_800_000, day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 }

function add(time: Date, amount: number, unit: string): Date {
  const singular = unit.replace(/s$/, '')
  const ms = unitMs[singular]
  if (ms !== undefined) return inRange(new Date(time.getTime() + amount * ms))
  if (singular !== 'year' && singular !== 'month') {
    throw refused(`\`${unit}\` is no unit of time; use years, months, weeks, days, hours, minutes or seconds`)
  }
  if (!Number.isInteger(amount)) throw refused(`${unit} are added whole; use days for parts of them`)
  return inRange(addMonths(time, singular === 'year' ? amount * 12 : amount))
}

function addMonths(time: Date, months: number): Date {
  const moved = new Date(time)
  moved.setUTCDate(1)
  moved.setUTCMonth(moved.getUTCMonth() + months)
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate()
  moved.setUTCDate(Math.min(time.getUTCDate(), lastDay))
  return moved
}

function inRange(time: Date): Date {
  const year = time.getUTCFullYear()
  if (year >= 1 && year <= 9999) return time
  throw refused('the time would leave the years 1 to 9999')
}
