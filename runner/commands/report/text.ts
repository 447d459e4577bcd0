import { styleText } from 'node:util'
import type { EngineEvent, Summary } from '../../engine/index.ts'
import type { Report } from './report.ts'

/** Job errors printed in full; the rest is counted, and listed by `runner jobs`. */
const mostErrors = 20
/** On a terminal the line is written over; elsewhere it stays, so it comes less often. */
const progressEveryMs = { terminal: 100, plain: 2_000 }

export interface TextOptions {
  write(text: string): void
  /** A terminal gets a progress line that is written over. */
  terminal: boolean
  color: boolean
  /** The recipe, which each line then names because those of others come in between. */
  recipe?: string
}

/** Short lines for people. */
export function textReport(options: TextOptions): Report {
  return new TextReport(options)
}

class TextReport implements Report {
  readonly #options: TextOptions
  #recipe = ''
  #events = 0
  #done = 0
  #failed = 0
  #drawnAt = performance.now()
  #drawn = false

  constructor(options: TextOptions) {
    this.#options = options
  }

  on(event: EngineEvent): void {
    switch (event.type) {
      case 'run_started':
        this.#recipe = event.recipe
        this.#events = this.#done = this.#failed = 0
        return
      case 'events_accepted':
        this.#events += event.events
        return this.#progress()
      case 'job_succeeded':
        this.#done++
        return this.#progress()
      case 'poll_delayed':
        return this.#line('yellow', `the poll waits ${seconds(event.waitMs)}: ${event.message}`)
      case 'step_retried':
        return this.#line('yellow', `job ${event.job}: ${event.step} is tried again in ${seconds(event.waitMs)}: ${event.message}`)
      case 'trigger_error':
        return this.#line('red', `trigger error [${event.code}]: ${event.message}`)
      case 'job_error':
        this.#failed++
        if (this.#failed === mostErrors + 1) return this.#line('red', 'further job errors: see `runner jobs --failed`')
        if (this.#failed > mostErrors) return
        return this.#line('red', `job error [${event.code}]: job ${event.job}${event.step ? ` at ${event.step}` : ''}: ${event.message}`)
      case 'jobs_held':
        return this.#line('yellow', `${event.jobs} ${event.jobs === 1 ? 'job is' : 'jobs are'} held [${event.code}]: ${event.message}`)
      case 'summary':
        return this.#line(
          event.outcome === 'ok' || event.outcome === 'nothing' || event.outcome === 'locked' ? 'green' : 'red',
          summaryText(event),
        )
    }
  }

  #line(color: 'red' | 'yellow' | 'green', text: string): void {
    this.#clear()
    const { recipe } = this.#options
    if (recipe !== undefined && !text.startsWith(`${recipe}: `)) text = `${recipe}: ${text}`
    this.#options.write(`${this.#options.color ? styleText(color, text, { validateStream: false }) : text}\n`)
  }

  #progress(): void {
    const now = performance.now()
    const { terminal, write } = this.#options
    if (now - this.#drawnAt < progressEveryMs[terminal ? 'terminal' : 'plain']) return
    this.#drawnAt = now
    this.#clear()
    write(`${this.#recipe}: ${this.#events} events, ${this.#done} jobs done${terminal ? '' : '\n'}`)
    this.#drawn = terminal
  }

  #clear(): void {
    if (this.#drawn) this.#options.write('\r\u001b[2K')
    this.#drawn = false
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** The one line that a run ends with. */
export function summaryText({ recipe, outcome, events, filtered, jobs, seconds: took }: Summary): string {
  if (outcome === 'locked') return `${recipe}: another run holds this recipe; nothing done`
  const parts = [
    `${events} ${events === 1 ? 'event' : 'events'}`,
    `${jobs.succeeded} ${jobs.succeeded === 1 ? 'job' : 'jobs'} ok`,
    `${jobs.failed} failed`,
    ...(jobs.retried > 0 ? [`${jobs.retried} retried`] : []),
    ...(jobs.held > 0 ? [`${jobs.held} held`] : []),
    ...(jobs.left > 0 ? [`${jobs.left} left`] : []),
    ...(filtered > 0 ? [`${filtered} skipped`] : []),
    `${took.toFixed(1)} s`,
  ]
  return `${recipe}: ${parts.join(', ')}`
}
