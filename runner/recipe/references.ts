import { findExpressions } from '../expression/index.ts'
import { isObject } from './context.ts'
import type { Reference } from './recipe.ts'

const reference = /\b(secrets|env)(?:\.\??([A-Za-z_]\w*)|\[\??["']([^"'\]]+)["']\])/g

/** What a connection block reads of `secrets` and `env`, by name and field, so that nothing else needs to be looked up. */
export function referencesOf(value: unknown, path: readonly string[] = []): Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesOf(item, [...path, String(index)]))
  if (isObject(value)) return Object.entries(value).flatMap(([key, item]) => referencesOf(item, [...path, key]))
  if (typeof value !== 'string') return []
  return findExpressions(value).parts.flatMap((part) =>
    typeof part === 'string'
      ? []
      : [...part.source.matchAll(reference)].map(([, of, dotted, quoted]): Reference => {
          return { of: of as Reference['of'], name: (dotted ?? quoted) as string, field: path.join('.') }
        }),
  )
}
