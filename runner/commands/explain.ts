import { type Code, codes } from '../connector/codes.ts'
import { suggestion } from '../expression/index.ts'
import { type Program, status } from './program.ts'

/** Prints what a code means and what to do. */
export function explain(code: string, program: Program): number {
  const text = Object.hasOwn(codes, code) ? codes[code as Code] : undefined
  if (!text) {
    program.stderr.write(`There is no code \`${code}\`.${suggestion(code, Object.keys(codes))}\n`)
    return status.usage
  }
  program.stdout.write(`${code}\n\n${text.means}\n\nWhat to do: ${text.todo}\n`)
  return status.ok
}
