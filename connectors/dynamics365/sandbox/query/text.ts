/**
 * Whether a text fits a pattern of SQL Server, without regard to case: `%` any run, `_` one character, `[a-c]` one of a set, `[^a]` none of it.
 * Takes time in proportion to the product of both lengths at most, whatever the pattern.
 */
export function fits(text: string, pattern: string): boolean {
  const [characters, parts] = [[...fold(text)], partsOf(pattern)]
  let [at, part, run, runAt] = [0, 0, -1, 0]
  while (at < characters.length) {
    const wanted = parts[part]
    if (wanted === anything) [run, runAt, part] = [part, at, part + 1]
    else if (wanted?.(characters[at]!)) [at, part] = [at + 1, part + 1]
    else if (run >= 0) [at, part, runAt] = [runAt + 1, run + 1, runAt + 1]
    else return false
  }
  return parts.slice(part).every((rest) => rest === anything)
}

/** Text without regard to case. */
export function fold(text: string): string {
  return text.toLowerCase()
}

export function isAscii(text: string): boolean {
  return !/[^\0-\x7f]/.test(text)
}

type Part = (character: string) => boolean
const anything: Part = () => true
const one: Part = () => true

let last: { pattern: string; parts: Part[] } = { pattern: '', parts: [] }

function partsOf(pattern: string): Part[] {
  if (last.pattern !== pattern) {
    const found = fold(pattern).match(/\[\^?[^\]]+\]|./gsu) ?? []
    last = { pattern, parts: found.map(partOf) }
  }
  return last.parts
}

function partOf(text: string): Part {
  if (text === '%') return anything
  if (text === '_') return one
  if (!text.startsWith('[') || text.length < 3) return (character) => character === text
  const negated = text.startsWith('[^') && text.length > 3
  const ranges = text.slice(negated ? 2 : 1, -1).match(/.-.|./gsu) ?? []
  return (character) => ranges.some((range) => inRange(character, [...range])) !== negated
}

/** A range that runs backwards has nothing in it. */
function inRange(character: string, range: readonly string[]): boolean {
  return range.length === 3 ? character >= range[0]! && character <= range[2]! : character === range[0]
}
