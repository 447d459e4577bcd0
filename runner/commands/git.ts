import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'

/** Commit that a working tree stands on, read from git's own files: starting git would cost more than the whole run. Undefined outside a repository. */
export function gitCommit(folder: string): string | undefined {
  try {
    const git = gitFolder(folder)
    if (!git) return undefined
    const head = readFileSync(join(git, 'HEAD'), 'utf8').trim()
    if (!head.startsWith('ref: ')) return head
    return resolveRef(commonFolder(git), head.slice(5))
  } catch {
    return undefined
  }
}

/** `.git` is a folder, or in a worktree a file that names one. */
function gitFolder(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, '.git')
    const found = statSync(path, { throwIfNoEntry: false })
    if (found?.isDirectory()) return path
    if (found?.isFile()) {
      const target = readFileSync(path, 'utf8').replace('gitdir:', '').trim()
      return isAbsolute(target) ? target : join(at, target)
    }
    if (dirname(at) === at) return undefined
  }
}

function commonFolder(git: string): string {
  if (!statSync(join(git, 'commondir'), { throwIfNoEntry: false })) return git
  return join(git, readFileSync(join(git, 'commondir'), 'utf8').trim())
}

function resolveRef(git: string, ref: string): string | undefined {
  if (statSync(join(git, ref), { throwIfNoEntry: false })) return readFileSync(join(git, ref), 'utf8').trim()
  const packed = readFileSync(join(git, 'packed-refs'), 'utf8')
  return packed
    .split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ')[0]
}
