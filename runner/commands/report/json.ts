import type { Report } from './report.ts'

/** One JSON object a line, nothing else: every event but the many that say that all is well. The last line is the summary. */
export function jsonReport(write: (text: string) => void): Report {
  return {
    on(event) {
      if (event.type !== 'job_succeeded') write(`${JSON.stringify(event)}\n`)
    },
  }
}
