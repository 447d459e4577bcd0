import { badQuery } from '../error.ts'

/** How the text of a multipart body is taken apart. */
export interface Framing {
  /**
   * What stands between the delimiters; preamble and epilogue are dropped.
   * @throws WebApiError 400 without a boundary or an end
   */
  split(text: string, contentType: string | undefined): string[]
  /** Head and body, parted by the first empty line; without one, all is head. */
  cut(text: string): [string, string]
}

/** @param strict only CRLF ends a line, as MIME wants it; otherwise a bare LF does, too */
export function framing(strict: boolean): Framing {
  const newline = strict ? '\\r\\n' : '\\r?\\n'
  const gap = new RegExp(`${newline}${newline}`)
  return {
    split(text, contentType) {
      const boundary = escapeText(boundaryOf(contentType))
      const pieces = text.split(new RegExp(`(?:^|${newline})--${boundary}(--)?[ \\t]*(?=${newline}|$)`))
      // Text and the mark of the end take turns: preamble, mark, piece, mark, piece, …, epilogue.
      const end = pieces.indexOf('--')
      if (end < 0) throw badQuery('The batch does not end with its boundary, or its lines do not end with CRLF.')
      return pieces
        .slice(2, end)
        .filter((_, index) => index % 2 === 0)
        .map((piece) => piece.replace(/^\r?\n/, ''))
    },
    cut(text) {
      // A part may begin with the empty line at once, when it has no head.
      const empty = new RegExp(`^${newline}`).exec(text)
      if (empty) return ['', text.slice(empty[0].length)]
      const found = gap.exec(text)
      return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text.replace(/\r?\n$/, ''), '']
    },
  }
}

export function isMultipart(contentType: string | undefined): contentType is string {
  return /^multipart\/mixed\b/i.test(contentType ?? '')
}

/** By name in lower case. */
export function headersOf(text: string): Record<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(':'))
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).trim().toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
}

function boundaryOf(contentType: string | undefined): string {
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^";,\s]+))/i.exec(contentType ?? '') ?? []
  const boundary = isMultipart(contentType) ? (quoted ?? bare) : undefined
  if (boundary === undefined) throw badQuery('A batch needs the content type multipart/mixed with a boundary.')
  return boundary
}

function escapeText(text: string): string {
  return text.replaceAll(/[^\w]/g, '\\$&')
}
