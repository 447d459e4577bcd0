import { parseKey, type RowKey } from '../odata/key.ts'
import type { Schema, Table } from './schema.ts'

const form = /^(?:https?:\/\/[^/]+)?(?:\/?(?:[^/?#]+\/)?api\/data\/v\d\.\d)?\/?(\w+)\((.*)\)$/s

/**
 * The row that an address names: `/accounts(<key>)`, the same without the slash or as an absolute address
 * (facts sheet "Setting lookups").
 * @returns undefined for what is no address of a row
 * @throws WebApiError 400 for a key that the table does not have
 */
export function readRowAddress({ entitySets }: Schema, address: string): { table: Table; key: RowKey } | undefined {
  const [, entitySet = '', text = ''] = form.exec(address) ?? []
  const [table, key] = [entitySets.get(entitySet), decode(text)]
  return table && key !== undefined ? { table, key: parseKey(table, key) } : undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
