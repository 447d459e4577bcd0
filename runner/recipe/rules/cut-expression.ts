import { type CheckContext, isObject } from '../context.ts'
import type { Path } from '../document.ts'

/** `${{ … # … }}` unquoted: YAML takes the rest of the line for a comment. */
export function cutExpressions(context: CheckContext, value: unknown, path: Path): boolean {
  if (Array.isArray(value)) return value.map((item, index) => cutExpressions(context, item, [...path, index])).some(Boolean)
  if (isObject(value))
    return Object.entries(value)
      .map(([key, item]) => cutExpressions(context, item, [...path, key]))
      .some(Boolean)
  if (typeof value !== 'string' || !value.includes('${{') || value.includes('}}')) return false
  const scalar = context.document.scalar(path)
  if (scalar?.style !== 'PLAIN' || scalar.comment === undefined) return false
  context.problem(
    path,
    'yaml_comment_in_text',
    `YAML takes everything from \`#\` on for a comment. Put the whole value in quotes: "${value}#${scalar.comment}".`,
  )
  return true
}
