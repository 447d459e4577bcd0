import { refused } from './entry.ts'

interface LocalTime {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millisecond: number
  /** Minutes east of UTC. */
  offset: number
}

const months = 'January February March April May June July August September October November December'.split(' ')
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/** Making a formatter takes longer than using it; recipes name few zones. */
const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone)
  if (formatter === undefined) {
    try {
      formatter = new Intl.DateTimeFormat('en-GB', {
        timeZone: zone,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
    } catch {
      throw refused(`\`${zone}\` is no time zone; use an IANA name such as \`Europe/Berlin\``)
    }
    if (formatters.size < 1_000) formatters.set(zone, formatter)
  }
  return formatter
}

function localTime(time: Date, zone: string): LocalTime {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
  const local = {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  }
  const millisecond = time.getUTCMilliseconds()
  const asUtc = Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second, millisecond)
  return { ...local, millisecond, offset: Math.round((asUtc - time.getTime()) / 60_000) }
}

const pad = (value: number, length = 2) => String(value).padStart(length, '0')

function offsetText(minutes: number): string {
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

const weekday = ({ year, month, day }: LocalTime) => weekdays[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] as string
const monthName = ({ month }: LocalTime) => months[month - 1] as string

const tokens: Record<string, (time: LocalTime) => string> = {
  yyyy: (time) => pad(time.year, 4),
  yy: (time) => pad(time.year % 100),
  MMMM: monthName,
  MMM: (time) => monthName(time).slice(0, 3),
  MM: (time) => pad(time.month),
  M: (time) => String(time.month),
  dd: (time) => pad(time.day),
  d: (time) => String(time.day),
  EEEE: weekday,
  EEE: (time) => weekday(time).slice(0, 3),
  HH: (time) => pad(time.hour),
  H: (time) => String(time.hour),
  hh: (time) => pad(time.hour % 12 || 12),
  h: (time) => String(time.hour % 12 || 12),
  mm: (time) => pad(time.minute),
  ss: (time) => pad(time.second),
  SSS: (time) => pad(time.millisecond, 3),
  a: (time) => (time.hour < 12 ? 'AM' : 'PM'),
  XXX: (time) => offsetText(time.offset),
}

/** The time as text after a pattern of Unicode's date fields (UTS 35), of which the table above has those in common use. */
export function formatTime(time: Date, pattern: string, zone: string): string {
  const local = localTime(time, zone)
  return pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (part: string, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replaceAll("''", "'")
    const token = Object.hasOwn(tokens, part) ? tokens[part] : undefined
    if (token === undefined)
      throw refused(`\`${part}\` is no part of a date pattern; use ${Object.keys(tokens).join(' ')}, or put text in single quotes`)
    return token(local)
  })
}

export function isoInZone(time: Date, zone: string): string {
  const milliseconds = time.getUTCMilliseconds() === 0 ? '' : '.SSS'
  return formatTime(time, `yyyy-MM-dd'T'HH:mm:ss${milliseconds}XXX`, zone)
}
