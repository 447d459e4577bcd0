import { existsSync, globSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Catalog } from '../connector/index.ts'
import { type ConnectionBlock, checkConnectionFile, checkRecipe, findRoot, type Problem, type Recipe } from '../recipe/index.ts'
import { readSettings } from '../settings/index.ts'
import { UsageError } from './program.ts'

/** A file as its check leaves it: what is right in it, and what is not. */
export interface CheckedFile {
  recipe?: Recipe
  /** Connections of the recipe, or the one of a connection file. */
  blocks: ConnectionBlock[]
  problems: Problem[]
  texts: Map<string, string>
}

/** Checks a recipe, a connection file or a `runner.yaml`, by its name. */
export async function checkFile(file: string, catalog: Catalog): Promise<CheckedFile> {
  if (basename(file) === 'runner.yaml') {
    const { problems, texts } = await readSettings(file)
    return { blocks: [], problems, texts }
  }
  if (file.endsWith('.connection.yaml')) {
    const { block, problems, texts } = await checkConnectionFile(file, { catalog })
    return { blocks: block ? [block] : [], problems, texts }
  }
  const { recipe, problems, texts } = await checkRecipe(file, { catalog })
  return { ...(recipe && { recipe }), blocks: Object.values(recipe?.connections ?? {}), problems, texts }
}

/** A shared connection file is checked with each recipe that names it; its problems are told once. */
export function freshProblems(known: readonly Problem[], problems: readonly Problem[]): Problem[] {
  const same = (a: Problem, b: Problem) => a.file === b.file && a.line === b.line && a.column === b.column && a.code === b.code
  return problems.filter((problem) => !known.some((each) => same(each, problem)))
}

/** What a root shares belongs to all files below it. */
export function withSettings(files: readonly string[]): Set<string> {
  return new Set([...files.map((file) => join(findRoot(file), 'runner.yaml')).filter((file) => existsSync(file)), ...files])
}

/** Recipes and connection files. @param written how the user named the path */
export function filesOf(path: string, written: string): string[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) throw new UsageError(`There is no ${written}.`)
  if (stat.isFile()) return [path]
  return globSync('**/{recipe.yaml,*.recipe.yaml,*.connection.yaml,runner.yaml}', {
    cwd: path,
    exclude: (name) => name === 'node_modules' || name === '.git',
  })
    .sort()
    .map((file) => join(path, file))
}
