import { badQuery } from '../error.ts'

/** The `Prefer` header (facts sheet "`Prefer` values"). */
export interface Preferences {
  representation: boolean
  /** As it was asked for; a table may allow less. */
  maxPageSize?: number
  trackChanges: boolean
  continueOnError: boolean
  /** Whether rows should carry the annotation of this name. */
  annotates(name: string): boolean
  /** What goes into `Preference-Applied`: the value as it was sent, by the name of the preference. */
  sent: ReadonlyMap<string, string>
}

export function parsePrefer(header: string | undefined): Preferences {
  const sent = preferencesIn(header)
  const value = (name: string) => preferred(sent, name)
  const size = value('odata.maxpagesize')
  return {
    representation: value('return') === 'representation',
    ...(size !== undefined && { maxPageSize: pageSize(size) }),
    trackChanges: sent.has('odata.track-changes'),
    continueOnError: sent.has('odata.continue-on-error') && value('odata.continue-on-error') !== 'false',
    annotates: annotationsIn(header),
    sent,
  }
}

/** Whether an answer should carry the annotation of a name: what comes before `*` in `odata.include-annotations`, or the name itself. */
export function annotationsIn(header: string | undefined): (name: string) => boolean {
  const patterns = (preferred(preferencesIn(header), 'odata.include-annotations') ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
  return (name) => patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
}

/** By name, as they were sent. */
function preferencesIn(header: string | undefined): Map<string, string> {
  return new Map((header?.match(/(?:[^,"]|"[^"]*")+/g) ?? []).map((part) => [part.trim().split('=')[0]!.trim().toLowerCase(), part.trim()]))
}

function preferred(sent: ReadonlyMap<string, string>, name: string): string | undefined {
  return sent.get(name)?.split('=').slice(1).join('=').trim().replaceAll('"', '')
}

function pageSize(text: string): number {
  if (!/^[1-9]\d*$/.test(text))
    throw badQuery(`Invalid value '${text}' for the preference odata.maxpagesize. It must be a whole number above 0.`)
  return Number(text)
}

/** `Preference-Applied`, of those of the named preferences that were sent. */
export function applied(prefer: Preferences, names: readonly string[]): Record<string, string> {
  const values = names.flatMap((name) => prefer.sent.get(name) ?? [])
  return values.length === 0 ? {} : { 'Preference-Applied': values.join(',') }
}
