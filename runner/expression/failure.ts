import { type ASTNode, EvaluationError } from '@marcbachmann/cel-js'
import { environment } from './environment.ts'
import { tookTooLong } from './guard.ts'
import { ExpressionError, type Scope } from './types.ts'

/** What the library reports when an operator or function has no way to work on the values it got. */
const unworkable = new Set([
  'no_such_overload',
  'no_matching_overload',
  'invalid_condition_type',
  'invalid_logical_operand',
  'invalid_comprehension_range',
])

/**
 * The library's error in the words of a recipe, with the field that caused it.
 *
 * @param text what ran, to which the error's offsets belong; differs from `source` where branches were loosened
 */
export function asExpressionError(thrown: unknown, source: string, text: string, scope: Scope): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown
  const failed = (message: string) => new ExpressionError('expression_failed', message, source, thrown)
  if (tookTooLong(thrown)) {
    return failed(`\`\${{ ${source} }}\` took too long and was stopped. Work on a smaller list, or write it without nested loops.`)
  }
  if (!(thrown instanceof EvaluationError)) return failed(`\`\${{ ${source} }}\` failed: ${(thrown as Error).message}.`)
  const { summary, range, node, code } = thrown
  const place = range ? text.slice(range.start, range.end) : source
  const operand = node && 'op' in node ? nullOperand(node, code, summary, scope) : undefined
  if (operand !== undefined) {
    const message = `\`${operand}\` needs a value, but it is null. Test it with \`!= null\` first, or give a default with \`coalesce(${operand}, …)\`.`
    return new ExpressionError('expression_null', message, source, thrown)
  }
  if (code === 'no_such_key')
    return failed(`There is no \`${place}\` in \`\${{ ${source} }}\`. Read it as optional (\`.?${place}\`) if it may be missing.`)
  if (code === 'unknown_variable')
    return failed(`There is no \`${place}\` while \`\${{ ${source} }}\` runs. Name something that is in scope here.`)
  return failed(`\`\${{ ${source} }}\` failed at \`${place}\`: ${summary}.`)
}

/** The part that was null where a value was needed, as written; undefined when that was not the reason. */
function nullOperand(node: ASTNode, code: string, summary: string, scope: Scope): string | undefined {
  const candidates = code === 'no_such_key' && 'args' in node && Array.isArray(node.args) ? [node.args[0] as ASTNode] : operandsOf(node)
  const values = candidates.map((candidate) => ({ written: textOf(candidate), value: fieldValue(candidate, scope) }))
  const found = values.find(({ value }) => value === null)?.written
  if (found !== undefined && (code === 'no_such_key' || unworkable.has(code))) return found
  if (!unworkable.has(code) || !/\bnull\b/.test(summary)) return undefined
  // Names of a loop are unknown out here; the one part that could not be computed is the one that was null.
  const unknown = values.filter(({ value }) => value === undefined)
  return unknown.length === 1 ? unknown[0]?.written : textOf(node)
}

function operandsOf(node: ASTNode): ASTNode[] {
  switch (node.op) {
    case 'call':
      return node.args[1]
    case 'rcall':
      return [node.args[1], ...node.args[2]]
    case '!_':
    case '-_':
      return [node.args]
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'in':
      return node.args
    default:
      // The library blames the condition or the list itself.
      return [node]
  }
}

function textOf(node: ASTNode): string {
  return node.input.slice(node.start, node.end)
}

/** What a literal is, or a path into the scope leads to; undefined for all else, which could take as long to compute as the expression itself. */
function fieldValue(node: ASTNode, scope: Scope): unknown {
  if (node.op === 'value') return node.args
  let root: ASTNode = node
  while (root.op === '.' || (root.op === '[]' && root.args[1].op === 'value')) root = root.args[0]
  if (root.op !== 'id') return undefined
  try {
    return environment.evaluate(textOf(node), scope)
  } catch {
    return undefined
  }
}
