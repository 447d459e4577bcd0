import { readFile, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { type Found, filled, type SecretSource, sourceFailed } from './source.ts'

/** Bytes; no secret is longer. */
const longest = 1_000_000

/** No file of another folder, and none of the hidden ones that Kubernetes keeps its versions in. */
const fileName = /^(?!\.)[^/\\\0]+$/

/**
 * A folder with one file per secret, as Docker (https://docs.docker.com/engine/swarm/secrets/) and Kubernetes
 * (https://kubernetes.io/docs/concepts/configuration/secret/) mount them. A file that is a link must stay below the folder, as those of Kubernetes do.
 */
export function folderSource(folder: string): SecretSource {
  return {
    async find(name) {
      const path = join(folder, name)
      if (!fileName.test(name)) return { looked: `${folder} (\`${name}\` cannot be the name of a file there)` }
      try {
        return await read(folder, path)
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        if (code === 'ENOENT') return { looked: `${path} (no such file)` }
        throw sourceFailed(
          `A secret cannot be read from ${path}: ${message}. Put one file there that holds the secret alone, and let the user who runs this read it.`,
        )
      }
    },
  }
}

async function read(folder: string, path: string): Promise<Found> {
  const real = await realpath(path)
  if (!real.startsWith((await realpath(folder)) + sep)) return { looked: `${path} (a link that leads out of the folder)` }
  await assertReadable(real)
  // Editors and `echo` end a file with a line feed that is no part of the secret.
  return filled((await readFile(real, 'utf8')).replace(/\r?\n$/, ''), path, 'empty')
}

/** A pipe would be waited for, perhaps for ever. */
async function assertReadable(path: string): Promise<void> {
  const stats = await stat(path)
  if (!stats.isFile()) throw new Error('it is no file')
  if (stats.size > longest) throw new Error(`it has ${stats.size} bytes, which is more than a secret may have`)
}
