import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { ConnectorError } from '../../runner/connector/index.ts'
import { fileError, hasCode } from './file-error.ts'

/**
 * The absolute path of `path`, relative to `folder`, with every link followed; neither need exist.
 * @throws ConnectorError `path_outside_folder`
 */
export async function insideFolder(folder: string, path: string): Promise<string> {
  if (path.includes('\0')) throw outside(folder, path)
  try {
    const root = await followLinks(folder)
    const target = await followLinks(resolve(folder, path))
    if (target === undefined || root === undefined) throw outside(folder, path)
    const below = relative(root, target)
    if (below === '' || below === '..' || below.startsWith(`..${sep}`) || resolve(root, below) !== target) throw outside(folder, path)
    return target
  } catch (thrown) {
    throw fileError(thrown, path)
  }
}

/** Undefined for a link to nothing: writing through it would make a file wherever it points. */
async function followLinks(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT')) throw thrown
    if (await exists(path)) return undefined
    const parent = await followLinks(dirname(path))
    return parent === undefined ? undefined : join(parent, basename(path))
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (thrown) {
    if (hasCode(thrown, 'ENOENT')) return false
    throw thrown
  }
}

function outside(folder: string, path: string): ConnectorError {
  return new ConnectorError(
    'rejected',
    'path_outside_folder',
    `"${path}" is not a file inside the connection's folder. Name a file below that folder, or set the connection's \`folder\` to one that holds it.`,
    { details: { path, folder } },
  )
}
