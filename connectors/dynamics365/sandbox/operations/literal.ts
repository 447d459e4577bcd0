import { badQuery } from '../error.ts'
import { readJson } from '../json.ts'

const number = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i

/**
 * A parameter of a function as it stands in the address, decoded, as the value that JSON would have (facts sheet "Call rules"):
 * `'text'`, numbers, dates, GUIDs, `Microsoft.Dynamics.CRM.X'Member'`, `{'@odata.id':…}` and other JSON, which may also be quoted whole.
 * @param type of the parameter, as `$metadata` names it
 * @throws WebApiError 0x80060888
 */
export function parseLiteral(text: string, type: string): unknown {
  const trimmed = text.trim()
  if (trimmed === 'null') return null
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true'
  if (/^[[{]/.test(trimmed)) return json(trimmed)
  const quoted = unquote(trimmed)
  if (quoted !== undefined) return type !== 'Edm.String' && /^\s*[[{]/.test(quoted) ? json(quoted) : quoted
  const member = /^(?:Microsoft\.Dynamics\.CRM|mscrm)\.(\w+)('.*')$/s.exec(trimmed)
  if (member) return enumMember(member[1]!, unquote(member[2]!), type)
  if (type !== 'Edm.String' && number.test(trimmed)) return Number(trimmed)
  // GUIDs and moments stand bare, and are texts in JSON.
  if (/^(?:Edm\.(?:Guid|Date|DateTimeOffset)|mscrm\.)/.test(type) && trimmed !== '') return trimmed
  throw badQuery(`Unrecognized literal '${text}' where a value of the type '${type}' is expected.`)
}

function enumMember(name: string, member: string | undefined, type: string): string {
  if (member === undefined || (type.startsWith('mscrm.') && type !== `mscrm.${name}`))
    throw badQuery(`A value of the type '${type}' is expected, and not of 'Microsoft.Dynamics.CRM.${name}'.`)
  return member
}

/** The text between single quotes, which are doubled inside; undefined where it is something else. */
function unquote(text: string): string | undefined {
  return /^'(?:[^']|'')*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : undefined
}

/** JSON whose names and texts may stand in single quotes too. */
function json(text: string): unknown {
  const strict = text.replaceAll(/"(?:[^"\\]|\\.)*"|'((?:[^']|'')*)'/g, (found, single: string | undefined) =>
    single === undefined ? found : JSON.stringify(single.replaceAll("''", "'")),
  )
  try {
    return readJson(strict)
  } catch {
    throw badQuery(`The value '${text}' is not valid JSON.`)
  }
}

/** Cuts at commas that stand outside of texts and brackets. */
export function splitArguments(text: string): string[] {
  const parts: string[] = []
  let [quote, depth, start] = ['', 0, 0]
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!
    if (quote !== '') quote = character === quote ? '' : quote
    else if (character === "'" || character === '"') quote = character
    else if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at))
      start = at + 1
    }
  }
  return [...parts, text.slice(start)].filter((part) => part.trim() !== '')
}
