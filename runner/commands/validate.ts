import { relative, resolve } from 'node:path'
import type { Catalog } from '../connector/index.ts'
import { formatProblem, type Problem } from '../recipe/index.ts'
import { checkFile, filesOf, freshProblems, withSettings } from './files.ts'
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
    const checked = await checkFile(file, catalog)
    const fresh = freshProblems(problems, checked.problems)
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

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}
