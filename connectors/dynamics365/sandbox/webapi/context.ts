import type { Expand } from '../odata/expand.ts'
import type { Options } from '../odata/options.ts'
import type { Table } from '../organization/schema.ts'
import type { Call } from './call.ts'

/** `@odata.context` of rows: the entity set, and what was selected and expanded. */
export function contextOf({ base }: Call, table: Table, options: Pick<Options, 'select' | 'expand'>, suffix = ''): string {
  const names = namesOf(options)
  return `${base}/$metadata#${table.entitySetName}${names.length > 0 ? `(${names.join(',')})` : ''}${suffix}`
}

function namesOf({ select, expand }: Pick<Options, 'select' | 'expand'>): string[] {
  const selected = select?.map((column) => column.property) ?? []
  return [...selected, ...expand.map((one: Expand) => (one.reference ? one.name : `${one.name}(${namesOf(one).join(',')})`))]
}
