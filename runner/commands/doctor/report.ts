import { styleText } from 'node:util'
import type { Line, Tell } from './check.ts'

const marks = { ok: ['✓', 'green'], warning: ['!', 'yellow'], failed: ['✗', 'red'] } as const

/** One JSON object a line. */
export function jsonReport(write: (text: string) => void): Tell {
  return (line) => write(`${JSON.stringify(line)}\n`)
}

/** A heading for each subject, a line for each check, and below it what to do. */
export function textReport(write: (text: string) => void, color: boolean): Tell {
  let subject: string | undefined
  return (line) => {
    if (line.subject !== subject) write(`${subject === undefined ? '' : '\n'}${line.subject}\n`)
    subject = line.subject
    write(textOf(line, color))
  }
}

function textOf({ check, result, says, todo, code }: Line, color: boolean): string {
  const [mark, tone] = marks[result]
  const shown = color ? styleText(tone, mark, { validateStream: false }) : mark
  const words = result === 'ok' || code === undefined ? says : `${says} [${code}]`
  return `  ${shown} ${check.padEnd(24)}${words}\n${todo === undefined ? '' : `    → ${todo}\n`}`
}
