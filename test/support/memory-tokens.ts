import type { TokenRecord, TokenRow, TokenStore } from '../../runner/connection/index.ts'

/** A token store in memory that keeps copies, as a real one would, and tells of every write. */
export interface MemoryTokens extends TokenStore {
  /** What was stored, oldest first. */
  writes: TokenRecord[]
  /** The only row there is. */
  record(): TokenRecord
}

export function memoryTokens(onPut: (record: TokenRecord) => void | Promise<void> = () => {}): MemoryTokens {
  const rows = new Map<string, TokenRow>()
  const writes: TokenRecord[] = []
  let versions = 0
  return {
    lifeSign: 'this process',
    isGone: (lifeSign) => lifeSign === 'gone',
    writes,
    record: () => structuredClone([...rows.values()][0]?.payload) as TokenRecord,
    async get(name) {
      return structuredClone(rows.get(name))
    },
    async put(name, row, version) {
      const copy = JSON.parse(JSON.stringify(row)) as TokenRow
      await onPut(copy.payload as TokenRecord)
      if ((rows.get(name)?.version ?? 0) !== version) return undefined
      rows.set(name, { ...copy, version: ++versions })
      writes.push(copy.payload as TokenRecord)
      return versions
    },
    async delete(name) {
      return rows.delete(name)
    },
    async list() {
      return [...rows].map(([name, row]) => ({ name, ...structuredClone(row) }))
    },
  }
}
