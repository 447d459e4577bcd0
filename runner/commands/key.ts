import { findRoot } from '../recipe/index.ts'
import { type Program, status, UsageError } from './program.ts'
import { openWorkspace, type Workspace } from './workspace.ts'

/** `runner key rotate`: a new key for the store of this root, and for every other store of this user when it is opened next. */
export async function rotateKey(program: Program): Promise<number> {
  const root = findRoot(program.cwd)
  // Opened with the keys of now first: a store that none of them fits must not get further away from its own.
  const workspace = await openWorkspace(root, program)
  try {
    if (workspace.keySource.text !== undefined) return givenKey(workspace.keySource.text, workspace)
  } finally {
    await workspace.close()
  }
  const { addStoreKey } = await import('../store/key/index.ts')
  const place = await addStoreKey(workspace.keySource)
  // A store goes over to the first key whenever it is opened.
  await (await openWorkspace(root, program)).close()
  workspace.out(
    `The store ${workspace.storeFile} is sealed with a new key, which stands first in ${place}. The earlier ones stay behind it, for other stores and for backups.\n`,
  )
  return status.ok
}

/** What RUNNER_KEY holds is not ours to change. */
function givenKey(text: string, { storeFile, out }: Workspace): number {
  if (text.trim().split(/\s+/).length > 1) {
    out(`The store ${storeFile} is sealed with the first key of RUNNER_KEY. It needs the others no longer.\n`)
    return status.ok
  }
  throw new UsageError(
    'RUNNER_KEY is set, so its key is yours to change: put a new one (`openssl rand -base64 32`) before it, with a space between them, and call this again. Then the old one can go.',
  )
}
