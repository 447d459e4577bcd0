import { type Document, isAlias, isMap, isPair, isScalar, LineCounter, type Node, parseDocument, type Scalar, visit } from 'yaml'
import type { Problem } from './problem.ts'

/** Larger files are no recipes. */
const mostBytes = 250_000
const deepest = 60
const mostAliases = 100
/** One mistake can break all that follows it. */
const mostProblems = 50

export type Path = readonly (string | number)[]

/** A YAML file with every value's place. */
export interface SourceDocument {
  file: string
  text: string
  /** The file as plain values; undefined where it could not be read. */
  value: unknown
  problems: Problem[]
  /** A problem at a value, at the key that holds it, or inside a text. */
  at(path: Path, code: string, message: string, where?: Where): Problem
  /** The scalar at a path as written, where it is one. */
  scalar(path: Path): { raw: string; style: Scalar.Type | undefined; comment: string | undefined } | undefined
}

/** `key`: the key rather than the value. `start`, `end`: offsets into the text that the scalar means. */
export interface Where {
  key?: boolean
  start?: number
  end?: number
  severity?: Problem['severity']
}

/** Reads YAML 1.2 and keeps positions. Everything that YAML would silently change or that could make it explode is a problem. */
export function readDocument(file: string, text: string): SourceDocument {
  const counter = new LineCounter()
  const place = (start: number, end: number) => {
    const from = counter.linePos(start)
    const to = counter.linePos(Math.max(start, end))
    return { file, line: from.line || 1, column: from.col || 1, endLine: to.line || 1, endColumn: to.col || 1 }
  }
  if (Buffer.byteLength(text) > mostBytes) {
    const problem: Problem = {
      ...place(0, 0),
      code: 'file_too_large',
      message: `A recipe may have ${mostBytes / 1_000} kB. Keep data in files of its own.`,
      severity: 'error',
    }
    return { file, text, value: undefined, problems: [problem], at: () => problem, scalar: () => undefined }
  }
  const document = parseDocument(text, { lineCounter: counter, version: '1.2', uniqueKeys: true, merge: false, prettyErrors: false })
  const problems = syntaxProblems(document, text, place)
  problems.push(...dangerProblems(document, place))
  const value = problems.length === 0 ? toValue(document, problems, place) : undefined
  return {
    file,
    text,
    value,
    problems,
    at(path, code, message, where = {}) {
      const [start, end] = rangeOf(document, text, path, where)
      return { ...place(start, end), code, message, severity: where.severity ?? 'error' }
    },
    scalar(path) {
      const node = document.getIn(path, true)
      if (!isScalar(node) || !node.range) return undefined
      return {
        raw: text.slice(node.range[0], node.range[1]),
        style: node.type as Scalar.Type | undefined,
        comment: node.comment ?? undefined,
      }
    },
  }
}

/** Aliases multiply when they are resolved; the library counts them and throws. */
function toValue(document: Document, problems: Problem[], place: Placer): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases })
  } catch {
    problems.push({
      ...place(0, 0),
      code: 'yaml_too_many_aliases',
      message: `Its aliases unfold to more than ${mostAliases} values. Write the values out.`,
      severity: 'error',
    })
    return undefined
  }
}

type Placer = (start: number, end: number) => Omit<Problem, 'code' | 'message' | 'severity'>

function syntaxProblems(document: Document, text: string, place: Placer): Problem[] {
  const problems: Problem[] = []
  const told = new Set<number>()
  for (const { code, message, pos } of [...document.errors, ...document.warnings].slice(0, mostProblems)) {
    const lineStart = text.lastIndexOf('\n', pos[0] - 1) + 1
    const lineEnd = text.indexOf('\n', lineStart)
    const line = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd)
    const expression = code === 'DUPLICATE_KEY' ? -1 : line.indexOf('${{')
    if (expression < 0) {
      const [what, words] =
        code === 'DUPLICATE_KEY'
          ? ['yaml_duplicate_key', 'This key is there twice. Keep one of them.']
          : ['yaml_syntax', `This is no YAML: ${message}.`]
      problems.push({ ...place(...pos), code: what, message: words, severity: 'error' })
    } else if (!told.has(lineStart)) {
      // One unquoted expression breaks YAML in many places of its line.
      told.add(lineStart)
      const words = 'YAML reads part of the expression as its own syntax. Put the whole value in quotes: "${{ … }}".'
      problems.push({
        ...place(lineStart + expression, lineStart + line.trimEnd().length),
        code: 'yaml_unquoted_expression',
        message: words,
        severity: 'error',
      })
    }
  }
  return problems
}

function dangerProblems(document: Document, place: Placer): Problem[] {
  const problems: Problem[] = []
  const add = (node: { range?: [number, number, number] | null }, code: string, message: string) => {
    const [start, end] = node.range ?? [0, 0]
    problems.push({ ...place(start, end), code, message, severity: 'error' })
  }
  let aliases = 0
  visit(document, {
    Node(_key, node, path) {
      if (path.length > deepest) {
        add(node, 'yaml_too_deep', `Values go at most ${deepest} levels deep. Flatten this one.`)
        return visit.BREAK
      }
      if (isAlias(node)) {
        aliases++
        const target = node.resolve(document)
        if (!target) add(node, 'yaml_syntax', `There is no anchor \`&${node.source}\` before this alias. Define it first.`)
        if (path.includes(target as Node))
          add(node, 'yaml_cyclic_alias', 'This alias stands inside its own anchor, so the value would have no end. Write the value out.')
        if (aliases === mostAliases) add(node, 'yaml_too_many_aliases', `A file may have ${mostAliases} aliases. Write the values out.`)
      }
      return undefined
    },
    Pair(_key, pair) {
      if (isScalar(pair.key) && pair.key.value === '<<')
        add(pair.key, 'yaml_merge_key', 'Merge keys (`<<`) are not part of YAML 1.2. Write the keys out.')
      return undefined
    },
  })
  return problems
}

function rangeOf(document: Document, text: string, path: Path, where: Where): [number, number] {
  if (where.key && path.length > 0) {
    const key = keyNode(document, path)
    if (key?.range) return [key.range[0], key.range[1]]
  }
  const node = document.getIn(path, true) as Node | undefined
  if (!node?.range) return path.length > 0 ? rangeOf(document, text, path.slice(0, -1), {}) : [0, 0]
  const [start, end] = node.range
  if (where.start !== undefined && isScalar(node) && typeof node.value === 'string')
    return insideScalar(node.value, text.slice(start, end), start, where.start, where.end ?? where.start)
  return [start, end]
}

function keyNode(document: Document, path: Path): Node | undefined {
  const parent = document.getIn(path.slice(0, -1), true) ?? document.contents
  if (!isMap(parent)) return undefined
  const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1))
  return pair?.key as Node | undefined
}

/** A part of a text, found again in its source: exact unless the source writes it with escapes or folds it over lines. */
function insideScalar(value: string, raw: string, rawStart: number, start: number, end: number): [number, number] {
  const part = value.slice(start, Math.max(end, start + 1)).split('\n')[0] as string
  let at = -1
  for (let seen = value.slice(0, start + part.length).split(part).length - 1; seen > 0; seen--) at = raw.indexOf(part, at + 1)
  return at < 0 || part === '' ? [rawStart, rawStart + raw.length] : [rawStart + at, rawStart + at + part.length]
}
