import type { Report } from './report.ts'

/** One JSON object a line, nothing else: every event but the many that say that all is well, each with its recipe. The last line of a cycle is the summary. */
export function jsonReport(write: (text: string) => void): Report {
  let recipe: string | undefined
  return {
    on(event) {
      if (event.type === 'run_started') recipe = event.recipe
      if (event.type === 'job_succeeded') return
      const { type, ...facts } = event
      write(`${JSON.stringify({ type, recipe, ...facts })}\n`)
    },
  }
}
