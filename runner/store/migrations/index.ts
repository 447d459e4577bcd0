import type { Migration } from 'kysely/migration'
import { firstMigration } from './0001-first.ts'

/** In order; a landed migration never changes. The store's schema version is how many of them it has seen. */
export const migrations: Record<string, Migration> = {
  '0001-first': firstMigration,
}
