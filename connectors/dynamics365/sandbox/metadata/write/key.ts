import { quoted } from '../../organization/database.ts'
import type { Organization } from '../../organization/open.ts'
import type { KeySeed, TableSeed } from '../../organization/seed.ts'
import { checkProperties, customSchemaName, type DefinitionBody, declaredType } from './body.ts'
import { sentLabels } from './labels.ts'
import { keyProperties } from './properties.ts'
import { exists, invalid } from './refuse.ts'

/** The types that a key may consist of (facts sheet "Row addressing and alternate keys"). */
const keyTypes = new Set(['String', 'Integer', 'Decimal', 'DateTime', 'Lookup', 'Customer', 'Owner', 'Picklist'])
const mostKeys = 10
const mostColumns = 16

/** An alternate key that does not exist yet. @throws WebApiError 400 */
export function newKey(table: TableSeed, body: DefinitionBody, metadataId: string): KeySeed {
  declaredType(body, ['EntityKeyMetadata'])
  checkProperties(body, 'EntityKeyMetadata', keyProperties)
  const schemaName = customSchemaName(body)
  const name = schemaName.toLowerCase()
  const { keys = [] } = table
  if (keys.some((one) => one.name === name)) throw exists('An entity key', name)
  if (keys.length >= mostKeys) throw invalid(`The table ${table.logicalName} has ${mostKeys} keys already, which is the most.`)
  return { name, schemaName, metadataId, columns: sentColumns(table, body), ...sentLabels(body) }
}

function sentColumns({ logicalName, columns }: TableSeed, { KeyAttributes: names }: DefinitionBody): string[] {
  if (!Array.isArray(names) || names.length === 0 || names.length > mostColumns || new Set(names).size < names.length)
    throw invalid(`KeyAttributes must name one to ${mostColumns} columns of ${logicalName}, each once.`)
  for (const name of names) {
    const column = columns.find((one) => one.name === name)
    if (!column) throw invalid(`The table ${logicalName} has no column '${String(name)}'.`)
    if (!keyTypes.has(column.type)) throw invalid(`The column ${column.name} is of the type ${column.type}, which no key can hold.`)
  }
  return names as string[]
}

/** A key whose index cannot be built, since rows have the same values, is there and names no row. */
export function indexed({ database }: Organization, { logicalName }: TableSeed, { failed: _, ...key }: KeySeed): KeySeed {
  const columns = key.columns.map(quoted)
  const filled = columns.map((column) => `${column} is not null`).join(' and ')
  const twice = database.get(
    `select 1 from ${quoted(logicalName)} where ${filled} group by ${columns.join(', ')} having count(*) > 1 limit 1`,
  )
  return twice ? { ...key, failed: true } : key
}
