/** A version and the moment at which it was read. */
export interface VersionStamp {
  version: number
  /** Milliseconds; to the second in the text. */
  time: number
}

/** As delta tokens and the stamps of the metadata show both: `8812!11/24/2026 18:10:22`. */
export function writeStamp({ version, time }: VersionStamp): string {
  const [date, clock] = new Date(time).toISOString().split(/[T.]/) as [string, string]
  const [year, month, day] = date.split('-')
  return `${version}!${month}/${day}/${year} ${clock}`
}

/** Undefined for a text that is no stamp. */
export function readStamp(text: string): VersionStamp | undefined {
  const [, version, month, day, year, clock] = /^(\d+)!(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(text) ?? []
  if (version === undefined) return undefined
  return { version: Number(version), time: Date.parse(`${year}-${month}-${day}T${clock}Z`) }
}
