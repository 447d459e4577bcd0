import type { OperationUse } from '../../connector/index.ts'
import type { Recipe, Step } from '../../recipe/index.ts'

/** What recipes do over each connection, by the connection's own name. */
export function usesOf(recipes: readonly Recipe[]): Map<string, OperationUse[]> {
  const uses = new Map<string, OperationUse[]>()
  for (const { connections, trigger, steps } of recipes) {
    const add = (block: string | undefined, name: string, written: unknown) => {
      const connection = block === undefined ? undefined : connections[block]?.name
      if (connection !== undefined) uses.set(connection, [...(uses.get(connection) ?? []), { name, written }])
    }
    const visit = (step: Step): void => {
      if (step.kind === 'action') add(step.connection, step.action, step.with.written)
      else for (const inner of step.kind === 'if' ? [...step.then, ...step.else] : step.do) visit(inner)
    }
    add(trigger.connection, trigger.type, trigger.with.written)
    steps.forEach(visit)
  }
  return uses
}
