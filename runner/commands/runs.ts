import { resolve } from 'node:path'
import { findRoot, recipeId } from '../recipe/index.ts'
import type { RunRow } from '../store/index.ts'
import { type Program, status } from './program.ts'
import { openWorkspace } from './workspace.ts'

/** `runner runs`: the cycles of a recipe, or of all below the root. */
export async function runs(
  file: string | undefined,
  options: { env: string; limit: number; json?: boolean },
  program: Program,
): Promise<number> {
  const root = findRoot(file === undefined ? program.cwd : resolve(program.cwd, file))
  const workspace = await openWorkspace(root, program)
  try {
    const filter = file === undefined ? {} : { recipe: { id: await recipeId(resolve(program.cwd, file)), environment: options.env } }
    const rows = await workspace.store.runs({ ...filter, limit: options.limit })
    for (const row of rows) workspace.out(options.json ? `${JSON.stringify(row)}\n` : `${line(row)}\n`)
    if (rows.length === 0 && !options.json) workspace.out('no runs yet\n')
    return status.ok
  } finally {
    await workspace.close()
  }
}

function line({ id, recipe, startedAt, outcome, counts, error }: RunRow): string {
  const counted = Object.entries(counts ?? {}).filter(([, count]) => count > 0)
  const words = [
    startedAt.toISOString(),
    recipe.id,
    outcome ?? 'unfinished',
    counted.map(([name, count]) => `${count} ${name}`).join(', '),
    id.slice(0, 8),
  ]
  return `${words.filter(Boolean).join('  ')}${error ? `\n    [${error.code}] ${error.message}` : ''}`
}
