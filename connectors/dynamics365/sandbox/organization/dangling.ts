import type { KeySeed, Lookup, OrganizationSeed, TableSeed } from './seed.ts'

/** An organization without references to tables and columns that it does not have, and without names that stand for two things. */
export function withoutDangling(seed: OrganizationSeed): OrganizationSeed {
  const notes = [...seed.notes]
  const names = new Set(seed.tables.map((one) => one.logicalName))
  const taken = namesOf(seed)
  const manyToMany = seed.manyToMany.filter(({ schemaName, sides }) => {
    const missing = sides.find((side) => !names.has(side.table))
    if (missing) notes.push(`The relationship ${schemaName} is left out, since there is no table ${missing.table}.`)
    return !missing
  })
  const tables = seed.tables.map((table) => ({
    ...table,
    ...(table.keys && { keys: table.keys.filter((key) => fits(table, key, notes)) }),
    lookups: table.lookups
      .filter((lookup) => leads(table, lookup, names, notes))
      .map((lookup) => withOwnCollection(table, lookup, taken, notes)),
  }))
  return { ...seed, tables, manyToMany, notes }
}

/** By table, what its properties are called, other than collections of one-to-many relationships. */
function namesOf({ tables, manyToMany }: OrganizationSeed): Map<string, Set<string>> {
  const names = new Map(
    tables.map((table) => [
      table.logicalName,
      new Set([...table.columns.map(({ name }) => name), ...table.lookups.map(({ navigation }) => navigation)]),
    ]),
  )
  for (const { sides } of manyToMany) for (const { table, navigation } of sides) names.get(table)?.add(navigation)
  return names
}

function fits(table: TableSeed, key: KeySeed, notes: string[]): boolean {
  const missing = key.columns.find((name) => !table.columns.some((column) => column.name === name))
  if (missing !== undefined) notes.push(`The key ${key.name} is left out, since ${table.logicalName} has no column ${missing}.`)
  return missing === undefined
}

function leads(table: TableSeed, { navigation, column, target }: Lookup, names: ReadonlySet<string>, notes: string[]): boolean {
  const reason =
    target !== 'owner' && !names.has(target)
      ? `there is no table ${target}`
      : !table.columns.some(({ name }) => name === column)
        ? `it has no column ${column}`
        : undefined
  if (reason !== undefined) notes.push(`${table.logicalName}.${navigation} is left out, since ${reason}.`)
  return reason === undefined
}

function withOwnCollection(table: TableSeed, lookup: Lookup, taken: ReadonlyMap<string, Set<string>>, notes: string[]): Lookup {
  const { collection, ...rest } = lookup
  const names = taken.get(lookup.target)
  if (collection === undefined || lookup.inherited || !names) return lookup
  if (!names.has(collection)) {
    names.add(collection)
    return lookup
  }
  notes.push(
    `The collection ${collection} of ${lookup.target} is left out for ${table.logicalName}.${lookup.navigation}, since the name is taken.`,
  )
  return rest
}
