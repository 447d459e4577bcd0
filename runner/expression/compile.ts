import type { TypeError as CelTypeError, ParseError, ParseResult } from '@marcbachmann/cel-js'
import { type Checked, checkExpression } from './check.ts'
import { environment } from './environment.ts'
import { toExpression } from './evaluate.ts'
import { anything, describe, isNone, isOptional } from './known.ts'
import { suggestion } from './nearest.ts'
import type { ExpressionProblem } from './problem.ts'
import { loosenBranches } from './ternary.ts'
import type { Expression, JsonSchema, ScopeTypes } from './types.ts'

/** Longer expressions are a program in the wrong place. */
const longest = 20_000

/** What a field needs. */
export type Expected = 'boolean' | 'list' | 'any'

export interface CompileOptions {
  scope: ScopeTypes
  /** What the field needs; `any` by default. A condition that comes out as something else is an error when it runs, too. */
  expect?: Expected
}

export interface Compiled {
  /** Only without problems. */
  expression?: Expression
  problems: ExpressionProblem[]
  /** What is known of the value. */
  known: JsonSchema
}

/** Compiles one expression. All mistakes come back at once, with offsets into `source`; with none there is an expression. */
export function compileExpression(source: string, { scope, expect = 'any' }: CompileOptions): Compiled {
  try {
    return compile(source, scope, expect)
  } catch (thrown) {
    // Operators that are not counted as depth by the parser, such as thousands of `!`, use up the stack.
    if (thrown instanceof RangeError) return { problems: [syntaxProblem('it is nested too deep')], known: anything }
    throw thrown
  }
}

function compile(source: string, scope: ScopeTypes, expect: Expected): Compiled {
  const parsed = parse(source)
  if ('code' in parsed) return { problems: [parsed], known: anything }
  const checked = checkExpression(parsed.ast, scope)
  const runnable = loosenBranches(source, parsed)
  const problems = [...checked.problems, ...expectedProblems(checked, source, expect)]
  // The library's checker stops at its first mistake, which often is one that is known already.
  const typed = typeProblems(runnable, source, expect).filter(
    (problem) => !problems.some(({ code, start }) => code === problem.code && start === problem.start),
  )
  problems.push(...typed)
  if (problems.length > 0) return { problems, known: checked.known }
  return { expression: toExpression(source, runnable, { ...checked, expect }), problems, known: checked.known }
}

function parse(source: string): ParseResult | ExpressionProblem {
  if (source.length > longest) {
    return {
      code: 'expression_syntax',
      message: `An expression may have ${longest} characters. Split the work into steps.`,
      path: [],
      start: 0,
      end: 1,
    }
  }
  if (source === '') {
    return {
      code: 'expression_syntax',
      message: 'The expression is empty. Write a value such as `trigger.name` between `${{` and `}}`.',
      path: [],
    }
  }
  try {
    return environment.parse(source)
  } catch (thrown) {
    if (thrown instanceof RangeError) throw thrown
    const { summary, range } = thrown as ParseError
    return syntaxProblem(summary ?? (thrown as Error).message, range)
  }
}

function syntaxProblem(what: string, range?: { start: number; end: number }): ExpressionProblem {
  const message = `This is no CEL expression: ${what}. See the expressions page for what may stand here.`
  return { code: 'expression_syntax', message, path: [], ...(range && { start: range.start, end: Math.max(range.end, range.start + 1) }) }
}

/** What the walk knows of the whole expression against what its field needs. */
function expectedProblems({ known }: Checked, source: string, expect: Expected): ExpressionProblem[] {
  if (expect === 'boolean' && isOptional(known)) {
    return [
      {
        code: 'expression_not_boolean',
        message: `A condition must be true or false, but this may be absent. Give a default: \`${source}.orValue(false)\`.`,
        path: [],
      },
    ]
  }
  // `whole` and `boolean` are CEL's own results, which the library's checker words.
  if (expect === 'boolean' && isNone(known, ['true or false']) && known.type !== 'whole') {
    return [
      {
        code: 'expression_not_boolean',
        message: `A condition must be true or false, but this is ${describe(known)}. Compare it: \`${source} == …\`.`,
        path: [],
      },
    ]
  }
  if (expect === 'list' && isNone(known, ['a list'])) {
    return [
      {
        code: 'expression_not_list',
        message: `A list is needed, but this is ${describe(known)}. Name a list, such as \`batch.records\`.`,
        path: [],
      },
    ]
  }
  return []
}

/** What CEL's own checker finds: unknown functions, operators on literals of the wrong type, a condition that is none. */
function typeProblems(parsed: ParseResult, source: string, expect: Expected): ExpressionProblem[] {
  const { valid, type, error } = parsed.check() as { valid: boolean; type?: string; error?: CelTypeError | RangeError }
  if (error instanceof RangeError) throw error
  if (!valid && error) return [typeProblem(error, source)]
  if (expect === 'boolean' && type !== undefined && !['bool', 'dyn'].includes(type)) {
    return [
      {
        code: 'expression_not_boolean',
        message: `A condition must be true or false, but this is ${type}. Compare it: \`${source} == …\`.`,
        path: [],
      },
    ]
  }
  if (expect === 'list' && type !== undefined && !/^(list|dyn)/.test(type)) {
    return [
      { code: 'expression_not_list', message: `A list is needed, but this is ${type}. Name a list, such as \`batch.records\`.`, path: [] },
    ]
  }
  return []
}

function typeProblem({ summary, range }: CelTypeError, source: string): ExpressionProblem {
  const place = range ? { start: range.start, end: range.end } : {}
  const called = /overload for '(?:.*\.)?(\w+)\(/.exec(summary)?.[1]
  if (called === undefined)
    return { code: 'expression_type', message: `${capital(summary)}. Make both sides of one type.`, path: [], ...place }
  const names = new Set(environment.getDefinitions().functions.map((each) => each.name))
  if (names.has(called)) {
    return {
      code: 'expression_arguments',
      message: `\`${called}\` does not take these arguments: ${summary}. See the expressions page.`,
      path: [],
      ...place,
    }
  }
  const at = range ? source.indexOf(called, range.start) : -1
  const message = `There is no function \`${called}\`.${suggestion(called, [...names])}`
  return { code: 'expression_unknown_function', message, path: [], ...(at >= 0 ? { start: at, end: at + called.length } : place) }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
