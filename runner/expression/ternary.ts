import type { ASTNode, ParseResult } from '@marcbachmann/cel-js'
import { environment } from './environment.ts'

/**
 * The expression with the branches of its `? :` free to be of different types: CEL refuses `cond ? "text" : null`, though both are JSON. Each branch is
 * wrapped in `dyn()`; an expression that the library takes as it is stays as it is. Offsets of errors are then those of the text that runs.
 */
export function loosenBranches(source: string, parsed: ParseResult): ParseResult {
  const { error } = parsed.check()
  if (error?.code !== 'incompatible_ternary_branches') return parsed
  const inserts: { at: number; text: string }[] = []
  for (const branch of branches(parsed.ast)) inserts.push({ at: branch.start, text: 'dyn(' }, { at: branch.end, text: ')' })
  let loosened = ''
  let position = 0
  for (const { at, text } of inserts.sort((a, b) => a.at - b.at)) {
    loosened += source.slice(position, at) + text
    position = at
  }
  return environment.parse(loosened + source.slice(position))
}

function* branches(node: unknown): Generator<ASTNode> {
  if (Array.isArray(node)) for (const each of node) yield* branches(each)
  if (node === null || typeof node !== 'object' || !('op' in node)) return
  const { op, args } = node as ASTNode
  if (op === '?:') yield* args.slice(1)
  yield* branches(args)
}
