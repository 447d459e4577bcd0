import type { StoreOptions } from './sqlite/open.ts'
import type { Store } from './store.ts'

export type { KeySource } from './key/index.ts'
export type { StoreOptions } from './sqlite/open.ts'
export * from './store.ts'

/**
 * Opens the embedded store, making it where there is none.
 *
 * SQLite and kysely are loaded here, so that who needs only the types or the errors does not pay for them.
 * @throws StoreError `store_newer`, `store_key_wrong`, `store_damaged`, `store_unusable`
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { openSqliteStore } = await import('./sqlite/open.ts')
  return openSqliteStore(options)
}
