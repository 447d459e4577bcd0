import { relative } from 'node:path'
import { styleText } from 'node:util'

/** One mistake in a file, with its place. */
export interface Problem {
  /** Absolute path. */
  file: string
  /** 1-based. */
  line: number
  /** 1-based. */
  column: number
  /** Where it ends, on the same line or a later one; for the carets of the code frame. */
  endLine: number
  endColumn: number
  /** Stable, listed in `connector/codes.ts`. */
  code: string
  /** What is wrong, and what would be right. */
  message: string
  severity: 'error' | 'warning'
}

export interface FormatOptions {
  color: boolean
  /** Paths are shown relative to it. */
  cwd: string
}

/** `recipe.yaml:14:22: message [code]` and the line it stands in. */
export function formatProblem(problem: Problem, text: string, { color, cwd }: FormatOptions): string {
  const paint = (style: 'red' | 'yellow' | 'dim', words: string) => (color ? styleText(style, words, { validateStream: false }) : words)
  const place = `${relative(cwd, problem.file) || problem.file}:${problem.line}:${problem.column}`
  const tone = problem.severity === 'error' ? 'red' : 'yellow'
  const warning = problem.severity === 'warning' ? 'warning: ' : ''
  return `${place}: ${paint(tone, warning + problem.message)} ${paint('dim', `[${problem.code}]`)}\n${codeFrame(problem, text, (words) => paint(tone, words))}`
}

/** A misspelt key or place that may hold a secret: the line is shown without its value. */
const mayShowSecret = new Set(['unexpected_key', 'place_unknown'])

function withoutValue(line: string): string {
  return line.includes('${{') ? line : line.replace(/^([^:]*:).*$/, '$1 …')
}

/** Tabs are shown as they are, so the carets repeat them. */
function codeFrame({ line, column, endLine, endColumn, code }: Problem, text: string, paint: (words: string) => string): string {
  const written = text.split('\n')[line - 1]?.replace(/\r$/, '') ?? ''
  const source = mayShowSecret.has(code) ? withoutValue(written) : written
  const gutter = String(line)
  const width = Math.max(1, (endLine === line ? endColumn : source.length + 1) - column)
  const indent = source.slice(0, column - 1).replaceAll(/[^\t]/g, ' ')
  return `${gutter} | ${source}\n${' '.repeat(gutter.length)} | ${indent}${paint('^'.repeat(Math.min(width, Math.max(1, source.length - column + 1))))}`
}

export function byPlace(a: Problem, b: Problem): number {
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column || a.code.localeCompare(b.code)
}
