import { parseJson } from '../../../runner/connector/index.ts'

/** Deeper than rows of any use nest; keeps what walks the values from running out of stack. */
const deepest = 100

/**
 * What a client sent as JSON, long numbers digit for digit.
 * @throws SyntaxError also where objects and lists are nested too deep
 */
export function readJson(text: string): unknown {
  const value = parseJson(text)
  if (isDeeper(value, deepest)) throw new SyntaxError(`Objects and lists are nested deeper than ${deepest}.`)
  return value
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1))
}

/** A member of a body as text; where there is none, or an object or a list, it is empty. */
export function textOf(value: unknown): string {
  return value === undefined || typeof value === 'object' ? '' : String(value)
}
