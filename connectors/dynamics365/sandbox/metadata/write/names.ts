import { notSupported } from '../../error.ts'
import type { Definitions, TableSeed } from '../../organization/seed.ts'
import { definitionSets } from '../../webapi/target.ts'
import { exists, invalid } from './refuse.ts'

/** @throws WebApiError 400 for a table or set that is there already, 501 for the name of a table that SQLite or the sandbox has itself */
export function refuseTakenTable({ tables, manyToMany }: Definitions, logicalName: string, entitySetName: string): void {
  if (/^sqlite_|^file_content$/.test(logicalName)) throw notSupported(`a table with the name ${logicalName}`)
  const names = [...tables.map((one) => one.logicalName), ...manyToMany.map(({ intersect }) => intersect)]
  if (names.includes(logicalName)) throw exists('An entity', logicalName)
  const sets = [...tables.map((one) => one.entitySetName), ...manyToMany.map(({ intersectEntitySet }) => intersectEntitySet)]
  if (!/^[A-Za-z]\w*$/.test(entitySetName))
    throw invalid(`The EntitySetName '${entitySetName}' is no letter with letters, digits and underscores behind it.`)
  if (sets.includes(entitySetName) || definitionSets.includes(entitySetName)) throw exists('An entity set', entitySetName)
}

/** A navigation property has a name of its own among all that a table has. @throws WebApiError 400 */
export function refuseTakenNavigation(definitions: Definitions, table: TableSeed, name: string): void {
  if (!/^[A-Za-z]\w*$/.test(name)) throw invalid(`'${name}' cannot be the name of a navigation property.`)
  if (table.columns.some((column) => column.name === name)) throw exists(`A property of ${table.logicalName}`, name)
  refuseNavigation(definitions, table, name)
}

/** @throws WebApiError 400 where a table has a navigation property with this name */
export function refuseNavigation({ tables, manyToMany }: Definitions, { logicalName, lookups }: TableSeed, name: string): void {
  const taken = [
    ...lookups.map(({ navigation }) => navigation),
    ...tables.flatMap((table) => table.lookups.filter(({ target }) => target === logicalName).map(({ collection }) => collection)),
    ...manyToMany.flatMap(({ sides }) => sides.filter(({ table }) => table === logicalName).map(({ navigation }) => navigation)),
  ]
  if (taken.includes(name)) throw exists(`A property of ${logicalName}`, name)
}
