import { join, resolve } from 'node:path'
import type { Log } from '../../connector/index.ts'
import type { MaskRegistry } from '../mask.ts'
import { dotenvSource } from './dotenv.ts'
import { envSource } from './env.ts'
import { execSource } from './exec.ts'
import { folderSource } from './folder.ts'
import type { SecretSource } from './source.ts'

/** A place of secrets, as `runner.yaml` names it. */
export type SecretPlace = 'env' | 'dotenv' | { folder: string } | { exec: string[] }

export interface SecretsOptions {
  /** In the order in which they are asked. */
  places: readonly SecretPlace[]
  /** Folder of `.env`, and where relative paths begin. */
  root: string
  env: Record<string, string | undefined>
  mask: MaskRegistry
  log: Log
}

/** The secrets that connection blocks refer to. */
export interface Secrets {
  /**
   * The value from the first place that has one, masked from then on; each place is asked once for it. Without any, what was looked at, in order.
   * @throws ConnectorError `secret_source_failed`
   */
  find(name: string): Promise<{ value: string } | { looked: string[] }>
}

export function openSecrets({ places, root, env, mask, log }: SecretsOptions): Secrets {
  const source = (place: SecretPlace): SecretSource => {
    if (place === 'env') return envSource(env)
    if (place === 'dotenv') return dotenvSource(join(root, '.env'), log)
    return 'folder' in place ? folderSource(resolve(root, place.folder)) : execSource(place.exec, { root, env })
  }
  const sources = places.map(source)
  const asked = new Map<string, ReturnType<Secrets['find']>>()

  async function ask(name: string): ReturnType<Secrets['find']> {
    const looked: string[] = []
    for (const each of sources) {
      const found = await each.find(name)
      if ('value' in found) {
        mask.add(found.value)
        return found
      }
      looked.push(found.looked)
    }
    return { looked }
  }

  return {
    find(name) {
      let answer = asked.get(name)
      if (!answer) {
        answer = ask(name)
        asked.set(name, answer)
        // A place that failed is asked again by whoever needs it next.
        answer.catch(() => asked.delete(name))
      }
      return answer
    },
  }
}
