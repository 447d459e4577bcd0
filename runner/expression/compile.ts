import type { TypeError as CelTypeError, ParseError, ParseResult } from '@marcbachmann/cel-js'
import { walkNames } from './check.ts'
import { environment } from './environment.ts'
import { parseExpression, toExpression } from './evaluate.ts'
import { suggestion } from './nearest.ts'
import type { ExpressionProblem } from './problem.ts'
import type { Expression, ScopeTypes } from './types.ts'

/** Longer expressions are a program in the wrong place. */
const longest = 20_000

export interface CompileOptions {
  scope: ScopeTypes
  /** What the field needs; `any` by default. */
  expect?: 'boolean' | 'list' | 'any'
}

/** Compiles one expression. All mistakes come back at once, with offsets into `source`; with none there is an expression. */
export function compileExpression(source: string, { scope, expect = 'any' }: CompileOptions): { expression?: Expression; problems: ExpressionProblem[] } {
  const parsed = parse(source)
  if ('code' in parsed) return { problems: [parsed] }
  const walked = walkNames(parsed.ast, scope)
  const problems = [...walked.problems, ...typeProblems(parsed, source, expect)]
  if (problems.length > 0) return { problems }
  return { expression: toExpression(source, parsed, walked.matches || walked.nesting > 1), problems }
}

function parse(source: string): ParseResult | ExpressionProblem {
  if (source.length > longest) return { code: 'expression_syntax', message: `An expression may have ${longest} characters. Split the work into steps.`, path: [], start: 0, end: 1 }
  if (source === '') return { code: 'expression_syntax', message: 'The expression is empty. Write a value such as `trigger.name` between `${{` and `}}`.', path: [] }
  try {
    return parseExpression(source)
  } catch (thrown) {
    const { summary, range } = thrown as ParseError
    return { code: 'expression_syntax', message: `This is no CEL expression: ${summary ?? (thrown as Error).message}. See the expressions page for what may stand here.`, path: [], ...(range && { start: range.start, end: Math.max(range.end, range.start + 1) }) }
  }
}

/** What CEL's own checker finds: unknown functions, operators on literals of the wrong type, a condition that is none. */
function typeProblems(parsed: ParseResult, source: string, expect: 'boolean' | 'list' | 'any'): ExpressionProblem[] {
  const { valid, type, error } = parsed.check() as { valid: boolean; type?: string; error?: CelTypeError }
  if (!valid && error) return [typeProblem(error, source)]
  if (expect === 'boolean' && type !== undefined && !['bool', 'dyn'].includes(type)) {
    return [{ code: 'expression_not_boolean', message: `A condition must be true or false, but this is ${type}. Compare it: \`${source} == …\`.`, path: [] }]
  }
  if (expect === 'list' && type !== undefined && !/^(list|dyn)/.test(type)) {
    return [{ code: 'expression_not_list', message: `A list is needed, but this is ${type}. Name a list, such as \`batch.records\`.`, path: [] }]
  }
  return wholeDivision(parsed, source)
}

function typeProblem({ summary, range }: CelTypeError, source: string): ExpressionProblem {
  const place = range ? { start: range.start, end: range.end } : {}
  const called = /overload for '(?:.*\.)?(\w+)\(/.exec(summary)?.[1]
  if (called === undefined) return { code: 'expression_type', message: `${capital(summary)}. Make both sides of one type.`, path: [], ...place }
  const names = new Set(environment.getDefinitions().functions.map((each) => each.name))
  if (names.has(called)) {
    return { code: 'expression_arguments', message: `\`${called}\` does not take these arguments: ${summary}. See the expressions page.`, path: [], ...place }
  }
  const at = range ? source.indexOf(called, range.start) : -1
  return { code: 'expression_unknown_function', message: `There is no function \`${called}\`.${suggestion(called, [...names])}`, path: [], ...(at >= 0 ? { start: at, end: at + called.length } : place) }
}

/** `1/2` is 0 while data `/ 2` has a fraction: nobody means that. */
function wholeDivision(parsed: ParseResult, source: string): ExpressionProblem[] {
  const problems: ExpressionProblem[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) visit(each)
    if (typeof node !== 'object' || node === null || !('op' in node)) return
    const { op, args, start, end } = node as { op: string; args: unknown; start: number; end: number }
    if (op === '/' && Array.isArray(args) && args.every((side) => side.op === 'value' && typeof side.args === 'bigint')) {
      problems.push({ code: 'whole_division', message: `\`${source.slice(start, end)}\` divides whole numbers and drops the fraction. Write one of them with a point: \`1.0/2\`.`, path: [], start, end })
    }
    visit(args)
  }
  visit(parsed.ast)
  return problems
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
