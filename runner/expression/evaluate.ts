import { type ASTNode, EvaluationError, type ParseResult } from '@marcbachmann/cel-js'
import { environment } from './environment.ts'
import { withNow } from './functions/dates.ts'
import { runGuarded } from './guard.ts'
import { type Expression, ExpressionError, type Scope } from './types.ts'
import { toJson } from './value.ts'

/** @throws ParseError of cel-js, with `range` into the source */
export function parseExpression(source: string): ParseResult {
  return environment.parse(source)
}

/** @param guarded stop it after a bounded time; costs a hundred microseconds a call */
export function toExpression(source: string, parsed: ParseResult, guarded: boolean): Expression {
  const call = (scope: Scope) => withNow(startOf(scope), () => toJson(parsed(scope)))
  return {
    source,
    evaluate(scope) {
      try {
        return guarded ? runGuarded(() => call(scope)) : call(scope)
      } catch (thrown) {
        throw asExpressionError(thrown, source)
      }
    },
  }
}

function startOf(scope: Scope): Date | undefined {
  const startedAt = (scope.job as { started_at?: string } | undefined)?.started_at
  return startedAt === undefined ? undefined : new Date(startedAt)
}

function asExpressionError(thrown: unknown, source: string): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown
  if (!(thrown instanceof EvaluationError)) return new ExpressionError('expression_failed', `\`\${{ ${source} }}\` failed: ${(thrown as Error).message}.`, source, thrown)
  const { summary, range, node, code } = thrown
  const place = range ? source.slice(range.start, range.end) : source
  if (/\bnull\b/.test(summary)) {
    const operand = node && 'op' in node ? nullOperand(node as ASTNode, source) : undefined
    return new ExpressionError('expression_null', `\`${operand ?? place}\` needs a value, but it is null. Test it with \`!= null\` first, or give a default.`, source, thrown)
  }
  if (code === 'no_such_key') {
    return new ExpressionError('expression_failed', `There is no \`${place}\` in \`\${{ ${source} }}\`. Read it as optional (\`.?${place}\`) if it may be missing.`, source, thrown)
  }
  return new ExpressionError('expression_failed', `\`\${{ ${source} }}\` failed at \`${place}\`: ${summary}.`, source, thrown)
}

/** The field that the failed operator read, where that is plain to see. */
function nullOperand({ op, args }: ASTNode, source: string): string | undefined {
  if (!['+', '-', '*', '/', '%', '<', '<=', '>', '>='].includes(op)) return undefined
  const paths = (args as [ASTNode, ASTNode]).filter((side) => ['.', 'id', '[]'].includes(side.op))
  return paths.length === 1 && paths[0] ? source.slice(paths[0].start, paths[0].end) : undefined
}
