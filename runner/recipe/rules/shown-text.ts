import type { Catalog } from '../../connector/index.ts'

const reference = /^["']?\s*\$\{\{\s*secrets\.\w+\s*\}\}/

/**
 * A file's text as code frames may show it: where a secret belongs and something else than a reference stands, it is blanked out. It goes by the names of
 * the fields and by lines alone, so that it also holds in a file that is no YAML, and on a line that is shown for another mistake. Places stay where they are.
 */
export function shownText(text: string, catalog: Catalog): string {
  const key = new RegExp(`(?<![\\w-])["']?(?:${secretFields(catalog).join('|')})["']?[ \\t]*:[ \\t]*`, 'g')
  /** Column of the key whose value goes on as long as lines are deeper. */
  let below: number | undefined
  const shown = text.split('\n').map((line) => {
    if (below !== undefined && (line.trim() === '' || indentOf(line) > below)) return blank(line)
    below = undefined
    for (const match of line.matchAll(key)) {
      const end = match.index + match[0].length
      if (reference.test(line.slice(end))) continue
      below = match.index
      return line.slice(0, end) + blank(line.slice(end))
    }
    return line
  })
  return shown.join('\n')
}

const indentOf = (line: string) => line.length - line.trimStart().length
const blank = (text: string) => text.replaceAll(/\S/g, '*')

function secretFields(catalog: Catalog): string[] {
  const fields = Object.values(catalog).flatMap(({ settings }) => Object.entries((settings.properties ?? {}) as Record<string, object>))
  return fields.filter(([, field]) => 'x-secret' in field).map(([name]) => name)
}
