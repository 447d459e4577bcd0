import { EvaluationError } from '@marcbachmann/cel-js'

/** One function of ours, with all that its reference page, the run environment and its tests need. */
export interface FunctionEntry {
  name: string
  /**
   * As CEL declares functions, `receiver.name(types): type`, one per way to call it, each with the code that runs. Two words of ours stand for several
   * types: `number` is any number and reaches the code as a double, `time` is a time or ISO 8601 text and reaches it as a `Date`.
   */
  overloads: Record<string, (...values: never[]) => unknown>
  /** What it gives, in one sentence of Markdown. */
  sentence: string
  examples: [expression: string, result: unknown][]
}

/** What a function throws when a value is not one that it can work with; the message says what would be right. */
export function refused(message: string): EvaluationError {
  return new EvaluationError({ code: 'refused_value', message })
}
