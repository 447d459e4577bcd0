import { existsSync, globSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import type { Catalog } from '../connector/index.ts'
import { checkConnectionFile, checkRecipe, findRoot, formatProblem, type Problem } from '../recipe/index.ts'
import { readSettings } from '../settings/index.ts'
import { type Exit, status, UsageError } from './program.ts'

export interface ValidateIo {
  stdout: Exit
  stderr: Exit
  cwd: string
  color: boolean
}

/** `runner validate`: every problem of every file at once, `runner.yaml` of their root included. Folders are walked for recipes, connection files and `runner.yaml`. */
export async function validate(
  paths: readonly string[],
  { format }: { format: string },
  io: ValidateIo,
  catalog: Catalog,
): Promise<number> {
  if (format !== 'text' && format !== 'json') throw new UsageError('`--format` takes text or json.')
  const named = paths.flatMap((path) => filesOf(resolve(io.cwd, path), path))
  if (named.length === 0)
    throw new UsageError('There is no recipe and no connection file there. Recipes are named recipe.yaml or *.recipe.yaml.')
  const files = withSettings(named)
  const problems: Problem[] = []
  for (const file of files) {
    const checked = await check(file, catalog)
    // A shared connection file is checked with each recipe that names it; its problems are told once.
    const fresh = checked.problems.filter((problem) => !problems.some((known) => sameProblem(known, problem)))
    problems.push(...fresh)
    for (const problem of fresh) {
      if (format === 'text') io.stdout.write(`${formatProblem(problem, checked.texts.get(problem.file) ?? '', io)}\n`)
      else io.stdout.write(`${JSON.stringify({ ...problem, file: relative(io.cwd, problem.file) })}\n`)
    }
  }
  const errors = problems.filter((problem) => problem.severity === 'error').length
  io.stderr.write(`${count(files.size, 'file')}: ${count(errors, 'error')}, ${count(problems.length - errors, 'warning')}\n`)
  return errors > 0 ? status.usage : status.ok
}

function check(file: string, catalog: Catalog): Promise<{ problems: Problem[]; texts: Map<string, string> }> {
  if (basename(file) === 'runner.yaml') return readSettings(file)
  return file.endsWith('.connection.yaml') ? checkConnectionFile(file, { catalog }) : checkRecipe(file, { catalog })
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

function sameProblem(a: Problem, b: Problem): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column && a.code === b.code
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
