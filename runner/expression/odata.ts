import { ExpressionError } from './types.ts'

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const instant = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/

/**
 * A value as a literal of an OData `$filter`. Text is quoted with its quotes doubled, so no value can change the filter's structure;
 * what is certainly a GUID or a date stands bare, as the column types want it. (Facts sheet: querying, literals.)
 */
export function odataLiteral(value: unknown, source: string): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value)
  if (typeof value === 'string') return guid.test(value) || instant.test(value) ? value : `'${value.replaceAll("'", "''")}'`
  if (typeof value === 'object' && 'rawJSON' in value) return String(value.rawJSON)
  throw new ExpressionError('expression_failed', `\`\${{ ${source} }}\` cannot stand in a filter: it yields ${Array.isArray(value) ? 'a list' : 'no single value'}. Name a text, number, date or id.`, source)
}
