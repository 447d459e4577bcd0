import { formatProblem, type Problem } from '../recipe/index.ts'
import { type Program, wantsColor } from './program.ts'

/** Problems of files, on stderr. @param texts of the files, by path */
export function tellProblems(problems: readonly Problem[], texts: ReadonlyMap<string, string>, program: Program): void {
  const format = { color: wantsColor(program), cwd: program.cwd }
  for (const problem of problems) program.stderr.write(`${formatProblem(problem, texts.get(problem.file) ?? '', format)}\n`)
}
