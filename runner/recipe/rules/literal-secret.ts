import { type CheckContext, isObject, own } from '../context.ts'
import type { Path } from '../document.ts'

const reference = /^\s*\$\{\{\s*secrets\.[A-Za-z_][A-Za-z0-9_]*\s*\}\}\s*$/

/** A credential in the clear would live in git for ever. The message does not repeat it. */
export function literalSecrets(
  context: CheckContext,
  settings: Record<string, unknown>,
  schema: Record<string, unknown>,
  path: Path,
): void {
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>
  for (const [key, field] of Object.entries(properties)) {
    const value = settings[key]
    if (value === undefined || value === null || isObject(value) || !field['x-secret']) continue
    if (typeof value !== 'string' || !reference.test(value)) {
      const example = String((field.examples as unknown[] | undefined)?.[0] ?? `\${{ secrets.${key.toUpperCase()} }}`)
      const name = example.match(/secrets\.(\w+)/)?.[1]
      const message = `\`${key}\` must be a reference, never the secret itself: write \`${example}\` and set ${name} in the environment or in \`.env\`. Consider this one known, and renew it.`
      context.problem([...path, key], 'secret_literal', message)
    }
  }
}

/** The settings with a reference in the place of every secret, for checks whose messages show values. */
export function withoutSecrets(settings: Record<string, unknown>, schema: Record<string, unknown>): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, own(properties, key)?.['x-secret'] ? '${{ secrets.NAME }}' : value]),
  )
}
