import { resolve } from 'node:path'
import type { Catalog } from '../connector/index.ts'
import { type ConnectionBlock, findRoot, type Problem, type Recipe } from '../recipe/index.ts'
import { checkFile, filesOf, freshProblems, withSettings } from './files.ts'
import type { Program } from './program.ts'

/** What files and folders hold below one root. */
export interface Found {
  root: string
  recipes: Recipe[]
  /** Each once, however many files name it. */
  connections: ConnectionBlock[]
}

export interface Findings {
  found: Found[]
  /** Of all files; those with an error are not among what was found. */
  problems: Problem[]
  texts: Map<string, string>
}

/**
 * Recipes and connections, root by root.
 * @param paths files and folders; none is the root of the working folder
 * @throws UsageError for a path that is not there
 */
export async function findAll(paths: readonly string[], program: Program, catalog: Catalog): Promise<Findings> {
  const { cwd } = program
  const named = (paths.length > 0 ? paths : [findRoot(cwd)]).flatMap((path) => filesOf(resolve(cwd, path), path))
  const files = withSettings(named)
  const roots = new Map<string, { recipes: Recipe[]; connections: Map<string, ConnectionBlock> }>()
  const all: Findings = { found: [], problems: [], texts: new Map() }
  for (const file of files) {
    const { recipe, blocks, problems, texts } = await checkFile(file, catalog)
    all.problems.push(...freshProblems(all.problems, problems))
    for (const [path, text] of texts) all.texts.set(path, text)
    const root = findRoot(file)
    const below = roots.get(root) ?? { recipes: [] as Recipe[], connections: new Map<string, ConnectionBlock>() }
    roots.set(root, below)
    if (recipe) below.recipes.push(recipe)
    for (const block of blocks) if (!below.connections.has(block.name)) below.connections.set(block.name, block)
  }
  all.found = [...roots].map(([root, { recipes, connections }]) => ({ root, recipes, connections: [...connections.values()] }))
  return all
}
