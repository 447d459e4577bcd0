import { isExactNumber } from './exact-number.ts'
import type { FoundParts } from './find.ts'
import { isIsoTime } from './iso-time.ts'
import type { ExpressionProblem } from './problem.ts'
import { ExpressionError } from './types.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * A value as a literal of an OData `$filter`. Text is quoted with its quotes doubled, so no value can change the filter's structure;
 * what is certainly a GUID or a date stands bare, as the column types want it. (Facts sheet: querying, literals.)
 *
 * @param source the expression; one that begins with `string(` gives quoted text whatever its shape, for text columns that hold GUIDs or dates
 * @param before what the author wrote in front: the values of Dataverse's `In` and its like are a JSON list of texts
 * @throws ExpressionError for lists elsewhere, maps and absent values
 */
export function odataLiteral(value: unknown, source: string, before = ''): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  if (typeof value === 'string') return !source.startsWith('string(') && (guid.test(value) || isIsoTime(value)) ? value : quoted(value)
  if (isExactNumber(value)) return value.rawJSON
  if (Array.isArray(value) && /PropertyValues=$/.test(before)) return jsonTexts(value, source)
  throw refusal(source, `it yields ${Array.isArray(value) ? 'a list' : 'no single value'}. Name a text, number, date or id`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** Apostrophes are escaped too, so that a reader of OData's own texts finds none inside. */
function jsonTexts(values: unknown[], source: string): string {
  const texts = values.map((value) => {
    if (isExactNumber(value)) return value.rawJSON
    if (value !== null && typeof value !== 'object') return String(value)
    throw refusal(source, 'its list holds null, a list or a map. Leave them out with `.filter(x, x != null)`')
  })
  return JSON.stringify(texts).replaceAll("'", '\\u0027')
}

function refusal(source: string, why: string): ExpressionError {
  return new ExpressionError('expression_failed', `\`\${{ ${source} }}\` cannot stand in a filter: ${why}.`, source)
}

/** Mistakes in how a filter's text and its expressions stand together; each expression is to be one whole literal of the filter. */
export function filterProblems(parts: FoundParts['parts']): Omit<ExpressionProblem, 'path'>[] {
  const problems: Omit<ExpressionProblem, 'path'>[] = []
  let quotes = 0
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'string') {
      quotes += part.split("'").length - 1
      continue
    }
    const { start, end } = part
    const [before, after] = [parts[index - 1] ?? '', parts[index + 1] ?? '']
    if (quotes % 2 === 1) {
      const message = 'The expression stands inside quotes. Leave the quotes out: it becomes a literal of the right form by itself.'
      problems.push({ code: 'filter_quoted_expression', message, start, end })
    } else if (parts.every((other) => other === part || (typeof other === 'string' && other.trim() === ''))) {
      const message =
        'A filter cannot come whole from a value. Write the condition here, with expressions for its values: `name eq ${{ … }}`.'
      problems.push({ code: 'filter_whole_expression', message, start, end })
    } else if (typeof before !== 'string' || typeof after !== 'string' || /[\w'.+-]$/.test(before) || /^[\w'.]/.test(after)) {
      const message =
        'The expression touches the text beside it, so their values would run into one. Put a space between, or join texts inside: `${{ a + b }}`.'
      problems.push({ code: 'filter_joined_expression', message, start, end })
    }
  }
  return problems
}
