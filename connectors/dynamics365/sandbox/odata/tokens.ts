import { badQuery } from '../error.ts'

export type TokenType = 'name' | 'string' | 'number' | 'guid' | 'date' | 'moment' | 'alias' | 'symbol' | 'end'

export interface Token {
  type: TokenType
  /** As it is written; of a string its value. */
  text: string
  /** Position in the text, from 0. */
  at: number
}

// Order matters: a GUID and a date begin like a number.
const patterns: [TokenType, RegExp][] = [
  ['guid', /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![\w-])/iy],
  ['moment', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?/iy],
  ['date', /\d{4}-\d{2}-\d{2}(?!\d)/y],
  ['number', /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy],
  ['name', /\$?[a-z_][\w.]*/iy],
  ['alias', /@\w+/y],
  ['symbol', /[(),:=/[\]]/y],
]
const space = /\s*/y

/**
 * Cuts an OData expression into tokens, the last of type `end`.
 * @throws WebApiError 0x80060888 with the position
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  for (let at = skip(text, 0); at < text.length; at = skip(text, at)) {
    const token = text[at] === "'" || text[at] === '"' ? quotedText(text, at) : plainToken(text, at)
    tokens.push({ type: token.type, text: token.text, at })
    at = token.end
  }
  tokens.push({ type: 'end', text: '', at: text.length })
  return tokens
}

function skip(text: string, at: number): number {
  space.lastIndex = at
  space.test(text)
  return space.lastIndex
}

function plainToken(text: string, at: number): { type: TokenType; text: string; end: number } {
  for (const [type, pattern] of patterns) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) return { type, text: found[0], end: pattern.lastIndex }
  }
  throw syntaxError(text, at)
}

/** The quote is doubled inside. Double quotes stand in arrays only, where a text may hold a single one. */
function quotedText(text: string, at: number): { type: TokenType; text: string; end: number } {
  const quote = text[at]!
  let value = ''
  for (let index = at + 1; index < text.length; index++) {
    if (text[index] !== quote) value += text[index]
    else if (text[index + 1] === quote) value += text[++index]
    else return { type: 'string', text: value, end: index + 1 }
  }
  throw badQuery(`There is an unterminated literal at position ${text.length} in '${text}'.`)
}

export function syntaxError(text: string, at: number): Error {
  return badQuery(`Syntax error at position ${at} in '${text}'.`)
}
