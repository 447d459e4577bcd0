import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { MaskRegistry } from './mask.ts'

export interface SecretSources {
  /** Folder whose `.env` is read. */
  root: string
  /** Goes before the file. */
  env: Record<string, string | undefined>
  mask: MaskRegistry
}

/**
 * Secrets by name: from the environment, then from `.env` in the root. An empty value counts as none.
 * Each is an own getter, since expressions read own properties only; reading one masks its value from then on.
 */
export function readSecrets({ root, env, mask }: SecretSources): Record<string, string> {
  const file = join(root, '.env')
  const values = { ...(existsSync(file) && parseEnv(readFileSync(file, 'utf8'))), ...env }
  const secrets: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    if (!value) continue
    Object.defineProperty(secrets, name, {
      enumerable: true,
      get() {
        mask.add(value)
        return value
      },
    })
  }
  return secrets
}
