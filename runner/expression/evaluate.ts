import type { ParseResult } from '@marcbachmann/cel-js'
import { asExpressionError } from './failure.ts'
import { withNow } from './functions/dates.ts'
import { runGuarded } from './guard.ts'
import { absent, type Expression, ExpressionError, type Scope } from './types.ts'
import { toJson } from './value.ts'

interface Traits {
  /** Stop it after a bounded time; costs a hundred microseconds a call. */
  costly: boolean
  usesNow: boolean
  expect: 'boolean' | 'list' | 'any'
}

/** An expression that runs. What few expressions need costs nothing in the others. */
export function toExpression(source: string, parsed: ParseResult, { costly, usesNow, expect }: Traits): Expression {
  let run = isPlainPath(parsed) ? (parsed as (scope: Scope) => unknown) : (scope: Scope) => toJson(parsed(scope))
  if (usesNow) run = atJobStart(run)
  if (costly) run = guarded(run)
  if (expect === 'boolean') run = booleanOnly(run, source)
  return {
    source,
    evaluate(scope) {
      try {
        return run(scope)
      } catch (thrown) {
        throw asExpressionError(thrown, source, parsed.ast.input, scope)
      }
    },
  }
}

/** A path that reads from the scope gives JSON as it is: nothing to convert, nothing to look through. */
function isPlainPath({ ast }: ParseResult): boolean {
  let node = ast
  while (node.op === '.' || (node.op === '[]' && node.args[1].op === 'value')) node = node.args[0]
  return node.op === 'id' && node !== ast
}

function atJobStart(run: (scope: Scope) => unknown) {
  return (scope: Scope) => {
    const startedAt = (scope.job as { started_at?: string } | undefined)?.started_at
    return withNow(startedAt === undefined ? undefined : new Date(startedAt), () => run(scope))
  }
}

function guarded(run: (scope: Scope) => unknown) {
  return (scope: Scope) => runGuarded(() => run(scope))
}

function booleanOnly(run: (scope: Scope) => unknown, source: string) {
  return (scope: Scope) => {
    const value = run(scope)
    if (typeof value === 'boolean') return value
    if (value === null) {
      throw new ExpressionError(
        'expression_null',
        `\`\${{ ${source} }}\` is null, where true or false is needed. Compare it: \`${source} == true\`.`,
        source,
      )
    }
    const what =
      value === absent
        ? 'absent'
        : Array.isArray(value)
          ? 'a list'
          : typeof value === 'object'
            ? 'a map or long number'
            : `a ${typeof value}`
    throw new ExpressionError(
      'expression_failed',
      `\`\${{ ${source} }}\` is ${what}, where true or false is needed. Compare it with something.`,
      source,
    )
  }
}
