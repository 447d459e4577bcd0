import { suggestion } from '../expression/index.ts'
import { type CheckContext, own } from './context.ts'
import type { Path } from './document.ts'
import type { ConnectionBlock } from './recipe.ts'

/**
 * The connection an operation uses: the one it names, else the only one of its connector. A connector without required settings needs none.
 * @param written what stands under `connection` at the step or trigger
 */
export function connectionFor(
  context: CheckContext,
  connections: Record<string, ConnectionBlock>,
  operation: string,
  written: unknown,
  path: Path,
  used: Set<string>,
): string | undefined {
  const connector = operation.slice(0, operation.indexOf('.'))
  const fitting = Object.keys(connections).filter((name) => connections[name]?.connector === connector)
  if (typeof written === 'string') {
    used.add(written)
    if (fitting.includes(written)) return written
    const other = own(connections, written)
    if (!isDeclared(context, written) || other) {
      const what = other ? `The connection \`${written}\` is of ${other.connector}.` : `There is no connection \`${written}\`.`
      context.problem([...path, 'connection'], 'connection_unknown', `${what}${suggestion(written, fitting)}`)
    }
    return undefined
  }
  if (fitting.length === 1) {
    used.add(fitting[0] as string)
    return fitting[0]
  }
  if (fitting.length > 1) {
    for (const name of fitting) used.add(name)
    context.problem(
      path,
      'connection_ambiguous',
      `Several connections are of ${connector}. Say which with \`connection\`: ${fitting.map((name) => `\`${name}\``).join(', ')}.`,
    )
    return undefined
  }
  const required = (own(context.catalog, connector)?.settings.required as string[] | undefined) ?? []
  // A block that is there but wrong has its own problems.
  if (required.length > 0 && !hasBrokenBlock(context, connections)) {
    context.problem(
      path,
      'connection_missing',
      `\`${operation}\` needs a connection of ${connector}. Add a \`connection\` block to the recipe.`,
    )
  }
  return undefined
}

function isDeclared(context: CheckContext, name: string): boolean {
  const recipe = context.document.value as { connections?: Record<string, unknown>; connection?: unknown }
  return name === 'main' ? recipe.connection !== undefined : own(recipe.connections, name) !== undefined
}

function hasBrokenBlock(context: CheckContext, connections: Record<string, ConnectionBlock>): boolean {
  const recipe = context.document.value as { connections?: Record<string, unknown>; connection?: unknown }
  return (recipe.connection !== undefined && !connections.main) || Object.keys(recipe.connections ?? {}).some((name) => !connections[name])
}
