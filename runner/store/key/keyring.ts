import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StoreError } from '../store.ts'
import type { KeyPlace } from './place.ts'

/** A person may have to unlock the keyring first. */
const patienceMs = 120_000

/** The system's own program that reads and writes its keyring. The key goes through its streams, never through its arguments, which others can list. */
interface Tool {
  command: string
  /** Where to get it. */
  missing: string
  lookUp: string[]
  /** Exit status and errors of a look-up that found nothing. */
  foundNothing(answer: Answer): boolean
  store: { args: string[]; input(text: string): string }
}

interface Answer {
  status: number | null
  stderr: string
}

const tools: Partial<Record<NodeJS.Platform, Tool>> = {
  // Its manual: https://manpages.debian.org/secret-tool
  linux: {
    command: 'secret-tool',
    missing: 'Install it (Debian: libsecret-tools)',
    lookUp: ['lookup', 'application', 'runner', 'purpose', 'store-key'],
    foundNothing: ({ status, stderr }) => status === 1 && stderr === '',
    store: { args: ['store', '--label=runner: key of its stores', 'application', 'runner', 'purpose', 'store-key'], input: (text) => text },
  },
  // `man security`; 44 is errSecItemNotFound (-25300) as an exit status, and `-i` reads commands from standard input.
  darwin: {
    command: 'security',
    missing: 'It belongs to macOS',
    lookUp: ['find-generic-password', '-s', 'runner', '-a', 'store-key', '-w'],
    foundNothing: ({ status }) => status === 44,
    store: { args: ['-i'], input: (text) => `add-generic-password -U -s runner -a store-key -w "${text}"\n` },
  },
}

export interface KeyringOptions {
  env: Record<string, string | undefined>
  platform: NodeJS.Platform
  /** File that tells that a key was put into the keyring: one that is locked looks like one without, and must not get another key over it. */
  mark: string
}

/** Keys in the keyring of the user's session. */
export function keyring({ env, platform, mark }: KeyringOptions): KeyPlace {
  const tool = tools[platform]
  if (!tool)
    throw new StoreError(
      'store_unusable',
      `The system keyring is not supported on ${platform}. Leave \`store.key\` out of runner.yaml, so that the key is kept in a file, or set RUNNER_KEY.`,
    )
  const run = (args: string[], input?: string) => {
    const { error, status, stdout, stderr } = spawnSync(tool.command, args, { env, input, encoding: 'utf8', timeout: patienceMs })
    if (error) throw unusable(tool, (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : error.message)
    return { status, stdout, stderr: stderr.trim() }
  }
  const refused = ({ status, stderr }: Answer) => unusable(tool, `it ended with ${status}: ${stderr.split('\n')[0] || 'no word'}`)
  return {
    name: 'the system keyring',
    read() {
      const answer = run(tool.lookUp)
      if (answer.status === 0) return answer.stdout
      if (!tool.foundNothing(answer)) throw refused(answer)
      if (existsSync(mark))
        throw new StoreError(
          'store_unusable',
          `The system keyring gives no key, though one was put there. Unlock it. Only where its key is lost for good, remove ${mark}: a new key opens no store of before.`,
        )
      return undefined
    },
    write(keys) {
      const answer = run(tool.store.args, tool.store.input(keys.join(' ')))
      if (answer.status !== 0) throw refused(answer)
      mkdirSync(dirname(mark), { recursive: true, mode: 0o700 })
      writeFileSync(mark, '', { mode: 0o600 })
    },
  }
}

function unusable({ command, missing }: Tool, why: string): StoreError {
  return new StoreError(
    'store_unusable',
    `The system keyring cannot be used: \`${command}\` does not do it (${why}). ${missing}, see that a session with a keyring runs, or set RUNNER_KEY.`,
  )
}
