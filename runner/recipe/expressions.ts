import { compileExpression, type Expression, type ExpressionProblem, findExpressions, type ScopeTypes } from '../expression/index.ts'
import type { CheckContext } from './context.ts'
import type { Path } from './document.ts'

/** Hands the problems of a compiled tree on, with their places in the file. */
export function reportExpressions(context: CheckContext, problems: readonly ExpressionProblem[], base: Path): void {
  for (const { path, code, message, start, end } of problems) {
    context.problem([...base, ...path], code, message, { ...(start !== undefined && { start }), ...(end !== undefined && { end }) })
  }
}

/** Compiles a field that is exactly one expression, such as `if`. */
export function fieldExpression(
  context: CheckContext,
  value: unknown,
  path: Path,
  scope: ScopeTypes,
  expect: 'boolean' | 'list',
): Expression | undefined {
  if (typeof value !== 'string') return undefined
  const { parts, problems } = findExpressions(value)
  if (problems.length > 0) {
    reportExpressions(
      context,
      problems.map((problem) => ({ ...problem, path: [] })),
      path,
    )
    return undefined
  }
  const expressions = parts.filter((part) => typeof part !== 'string')
  const [only] = expressions
  // A text without any expression is refused by its schema.
  if (!only) return undefined
  if (expressions.length > 1 || parts.some((part) => typeof part === 'string' && part.trim() !== '')) {
    context.problem(path, 'not_one_expression', `This must be exactly one expression: \`${'${{'} … }}\`. Put everything inside it.`)
    return undefined
  }
  const compiled = compileExpression(only.source, { scope, expect })
  reportExpressions(
    context,
    compiled.problems.map((problem) => ({
      ...problem,
      path: [],
      start: only.start + (problem.start ?? 0),
      end: only.start + (problem.end ?? only.source.length),
    })),
    path,
  )
  return compiled.expression
}
