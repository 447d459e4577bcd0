import type { ExpressionProblem } from './problem.ts'

/** One expression inside a text; the offsets are those of `source`, which has no white space around it. */
export interface FoundExpression {
  source: string
  start: number
  end: number
}

export interface FoundParts {
  /** Literal texts (never empty, with `$${{` already read as `${{`) and expressions, in order. */
  parts: (string | FoundExpression)[]
  problems: ExpressionProblem[]
}

const opener = '${{'

/**
 * Splits a text at its `${{ … }}`. The end of an expression is where CEL's own lexer would see a `}}` outside of texts, comments and map literals.
 * `$${{` stands for a literal `${{`.
 */
export function findExpressions(text: string): FoundParts {
  const parts: FoundParts['parts'] = []
  let literal = ''
  let position = 0
  const flush = () => {
    if (literal !== '') parts.push(literal)
    literal = ''
  }
  for (let open = text.indexOf(opener); open !== -1; open = text.indexOf(opener, position)) {
    if (open > position && text[open - 1] === '$') {
      literal += text.slice(position, open - 1) + opener
      position = open + opener.length
      continue
    }
    literal += text.slice(position, open)
    const close = findEnd(text, open + opener.length)
    if (close === undefined) {
      flush()
      return { parts, problems: [unterminated(text, open)] }
    }
    flush()
    parts.push(trimmed(text, open + opener.length, close))
    position = close + 2
  }
  literal += text.slice(position)
  flush()
  return { parts, problems: [] }
}

function trimmed(text: string, from: number, to: number): FoundExpression {
  const inner = text.slice(from, to)
  const source = inner.trim()
  const start = source === '' ? from : from + inner.indexOf(source)
  return { source, start, end: start + source.length }
}

/** Offset of the `}}` that ends the expression, or undefined where the text ends first. */
function findEnd(text: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const char = text[at]
    if (char === '"' || char === "'") at = endOfString(text, at) - 1
    else if (char === '/' && text[at + 1] === '/') at = endOfLine(text, at) - 1
    else if (char === '{') depth += 1
    else if (char === '}' && depth > 0) depth -= 1
    else if (char === '}' && text[at + 1] === '}') return at
  }
  return undefined
}

/** First offset behind the string that begins at `start`. The lexer skips what follows a backslash in raw strings too. */
function endOfString(text: string, start: number): number {
  const quote = text[start] as string
  const triple = text.startsWith(quote.repeat(3), start)
  const delimiter = triple ? quote.repeat(3) : quote
  for (let at = start + delimiter.length; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text.startsWith(delimiter, at)) return at + delimiter.length
    // A line break inside a plain string is a mistake that the parser reports; going on behind it keeps the rest of the text readable.
    else if (!triple && text[at] === '\n') return at
  }
  return text.length
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end === -1 ? text.length : end
}

function unterminated(text: string, open: number): ExpressionProblem {
  return {
    code: 'expression_unterminated',
    message:
      'The expression that begins here has no end: close its texts and braces and write `}}` behind it, or `$${{` for a literal `${{`.',
    path: [],
    start: open,
    end: text.length,
  }
}
