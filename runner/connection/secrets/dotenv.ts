import { readFile, stat } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import type { Log } from '../../connector/index.ts'
import { filled, type SecretSource, sourceFailed } from './source.ts'

/** Lines `NAME=value` of one file, read when the first name is asked for. */
export function dotenvSource(path: string, log: Log): SecretSource {
  let reading: Promise<NodeJS.Dict<string> | undefined> | undefined
  let used = false
  return {
    async find(name) {
      reading ??= read(path)
      const values = await reading
      if (!values) return { looked: `${path} (no such file)` }
      const found = filled(values[name], path, 'not in it')
      if ('value' in found && !used) {
        used = true
        await warnOfReaders(path, log)
      }
      return found
    },
  }
}

async function read(path: string): Promise<NodeJS.Dict<string> | undefined> {
  try {
    // Editors of Windows put a byte order mark before the first name.
    return parseEnv((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw sourceFailed(`Secrets cannot be read from ${path}: ${message}. Let the user who runs this read it, or remove it.`)
  }
}

/** Modes mean nothing on Windows. */
async function warnOfReaders(path: string, log: Log): Promise<void> {
  const { mode } = await stat(path)
  if (process.platform !== 'win32' && mode & 0o007)
    log.warn(`everybody on this machine can read the secrets in ${path}: run \`chmod 600 ${path}\``)
}
