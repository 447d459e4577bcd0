import { resolve } from 'node:path'
import { parseJson } from '../connector/index.ts'
import { findRoot, recipeId } from '../recipe/index.ts'
import { type Program, status, UsageError } from './program.ts'
import { openWorkspace } from './workspace.ts'

/** `runner cursor show | set | reset`. A reset also forgets the snapshot, so the next run begins as a first one does. */
export async function cursor(
  what: string,
  file: string,
  value: string | undefined,
  options: { env: string },
  program: Program,
): Promise<number> {
  if (!['show', 'set', 'reset'].includes(what)) throw new UsageError('`runner cursor` takes show, set or reset.')
  const path = resolve(program.cwd, file)
  const workspace = await openWorkspace(findRoot(path), program)
  const recipe = { id: await recipeId(path), environment: options.env }
  try {
    if (what === 'show') {
      const row = await workspace.store.cursor(recipe)
      workspace.out(row ? `${JSON.stringify(row.cursor)}\n` : 'no cursor yet\n')
      return status.ok
    }
    const lock = await workspace.store.lock(`recipe:${recipe.environment}:${recipe.id}`)
    if (!lock) throw new UsageError('A run holds this recipe at the moment. Try again when it has ended.')
    await workspace.store.setCursor(recipe, what === 'reset' ? undefined : jsonValue(value))
    await lock.release()
    return status.ok
  } finally {
    await workspace.close()
  }
}

function jsonValue(text: string | undefined): unknown {
  try {
    return parseJson(text ?? '')
  } catch {
    throw new UsageError('`runner cursor set` takes the cursor as JSON, as `show` prints it.')
  }
}
