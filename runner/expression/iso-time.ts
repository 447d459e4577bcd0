const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * Whether a text is an ISO 8601 date, or a date-time with `Z` or an offset, that the calendar has. A bare local time is none: nobody could say when it is.
 */
export function isIsoTime(text: string): boolean {
  if (!isoTime.test(text)) return false
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`)
  // JavaScript moves 30 February on to March instead of refusing it.
  return !Number.isNaN(Date.parse(text)) && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10))
}
