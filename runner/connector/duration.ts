const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * Milliseconds of a duration: `500ms`, `90s`, `1h30m`, `2d`, or ISO 8601 `PT5M`.
 * @throws RangeError with the way to write it
 */
export function parseDuration(text: string): number {
  const iso = text.match(/^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/)
  if (iso && /\d/.test(text)) {
    const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = iso
    return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000
  }
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([all]) => all).join('') !== text)
    throw new RangeError(`\`${text}\` is no duration. Write it as 90s, 5m or 1h30m.`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit as string] as number), 0)
}
