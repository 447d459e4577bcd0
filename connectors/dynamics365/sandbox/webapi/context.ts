import type { Expand } from '../odata/expand.ts'
import type { Options } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Call } from './call.ts'

/** `@odata.context` of rows: the entity set, and what was selected and expanded. */
export function contextOf({ base }: Call, table: Table, options: Pick<Options, 'select' | 'expand'>, suffix = ''): string {
  const selected = options.select?.map((column) => column.property) ?? []
  const expanded = options.expand.map(({ name, select }: Expand) => `${name}(${select?.map((column) => column.property).join(',') ?? ''})`)
  const names = [...selected, ...expanded]
  return `${base}/$metadata#${table.entitySetName}${names.length > 0 ? `(${names.join(',')})` : ''}${suffix}`
}
