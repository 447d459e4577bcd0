import { existsSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { readDocument } from './document.ts'

/**
 * The root that a recipe's state and paths belong to: the nearest parent folder with `runner.yaml`, else with `.git`, else the folder itself.
 * @param path absolute, of a file or folder
 */
export function findRoot(path: string): string {
  const folder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path)
  return nearestWith(folder, 'runner.yaml') ?? nearestWith(folder, '.git') ?? folder
}

function nearestWith(folder: string, name: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return at
    if (dirname(at) === at) return undefined
  }
}

/** Path below the root, `/`-separated on every system. */
export function belowRoot(root: string, file: string): string {
  return relative(root, file).replaceAll('\\', '/')
}

/** The identity of a recipe's state: its `id`, or its path below the root. Reads no more of the file than that. */
export async function recipeId(file: string): Promise<string> {
  const value = readDocument(file, await readFile(file, 'utf8')).value
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' ? id : belowRoot(findRoot(file), file)
}
