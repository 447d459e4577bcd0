import { edmType } from './edm-type.ts'
import type { ColumnPart, ColumnSeed, KeySeed, Lookup, ManyToMany, OrganizationSeed, SeedPart, TablePart, TableSeed } from './seed.ts'

/** An organization with a part more: what the part says of a table, column or relationship that exists wins, and the rest of it stays. */
export function addPart(seed: OrganizationSeed, part: SeedPart): OrganizationSeed {
  return {
    ...seed,
    tables: [...(part.tables ?? []), ...(part.tableParts ?? [])].reduce(withTable, seed.tables),
    rows: [...seed.rows, ...(part.rows ?? [])],
    manyToMany: (part.manyToMany ?? []).reduce(withManyToMany, seed.manyToMany),
    globalChoices: [...seed.globalChoices, ...(part.globalChoices ?? [])],
    customApis: [...seed.customApis, ...(part.customApis ?? [])],
    duplicateRules: [...seed.duplicateRules, ...(part.duplicateRules ?? [])],
    maps: [...seed.maps, ...(part.maps ?? [])],
    notes: [...seed.notes, ...(part.notes ?? [])],
  }
}

function withTable(tables: readonly TableSeed[], part: TablePart): TableSeed[] {
  const existing = tables.find((one) => one.logicalName === part.logicalName)
  if (!existing) return [...tables, completed(part, tables)]
  const extended: TableSeed = {
    ...existing,
    ...part,
    keys: merged(existing.keys ?? [], part.keys ?? [], mergedKey, sameKey),
    columns: merged(existing.columns, part.columns, mergedColumn, (one, other) => one.name === other.name),
    lookups: merged(existing.lookups, part.lookups ?? [], mergedLookup, (one, other) => one.navigation === other.navigation),
  }
  return tables.map((one) => (one === existing ? extended : one))
}

/** Those that exist, merged with what a part says of them, and those that the part adds. */
function merged<Existing, Part>(
  existing: readonly Existing[],
  parts: readonly Part[],
  merge: (existing: Existing | undefined, part: Part) => Existing,
  same: (existing: Existing, part: Part) => boolean,
): Existing[] {
  const added = parts.filter((part) => !existing.some((one) => same(one, part)))
  return [
    ...existing.map((one) => {
      const part = parts.find((each) => same(one, each))
      return part ? merge(one, part) : one
    }),
    ...added.map((part) => merge(undefined, part)),
  ]
}

function mergedColumn(existing: ColumnSeed | undefined, { guessedType, ...part }: ColumnPart): ColumnSeed {
  if (!existing) return part
  if (guessedType) return isSameOnWire(existing, part) ? { ...existing, ...part, type: existing.type } : part
  return existing.type === part.type ? { ...existing, ...part } : part
}

const lookupTypes = ['Lookup', 'Customer', 'Owner']

function isSameOnWire(one: ColumnSeed, other: ColumnSeed): boolean {
  return edmType(one) === edmType(other) && lookupTypes.includes(one.type) === lookupTypes.includes(other.type)
}

function mergedLookup(existing: Lookup | undefined, part: Lookup): Lookup {
  return { ...existing, ...part }
}

/** A key by another name with the same columns is the same one. */
function sameKey(one: KeySeed, other: KeySeed): boolean {
  return one.name === other.name || String(one.columns) === String(other.columns)
}

function mergedKey(existing: KeySeed | undefined, part: KeySeed): KeySeed {
  return existing ? { ...part, ...existing } : part
}

function withManyToMany(list: readonly ManyToMany[], one: ManyToMany): ManyToMany[] {
  const existing = list.find((other) => other.schemaName === one.schemaName || other.intersect === one.intersect)
  return existing ? list.map((other) => (other === existing ? { ...one, ...existing } : other)) : [...list, one]
}

/** Codes of tables that customers make begin here. */
const firstCustomCode = 10_000

/** The code of a table that is made. */
export function nextTypeCode(tables: readonly TableSeed[]): number {
  return Math.max(firstCustomCode, ...tables.map((one) => one.objectTypeCode)) + 1
}

/** What every table has, where the metadata does not tell. */
function completed(part: TablePart, tables: readonly TableSeed[]): TableSeed {
  const { logicalName, primaryId = `${logicalName}id` } = part
  const columns = part.columns.map((column) => mergedColumn(undefined, column))
  const has = (name: string) => columns.some((one) => one.name === name)
  const [prefix] = /^[a-z0-9]+_/.exec(logicalName) ?? ['']
  const names = [`${prefix}name`, 'name', 'subject', 'title', 'fullname']
  const added: ColumnSeed[] = [
    { name: primaryId, type: 'Uniqueidentifier' },
    { name: 'versionnumber', type: 'BigInt', readOnly: true },
  ]
  return {
    schemaName: logicalName,
    entitySetName: `${logicalName}s`,
    primaryName: names.find(has) ?? primaryId,
    ownership: has('ownerid') ? 'UserOwned' : 'OrganizationOwned',
    objectTypeCode: nextTypeCode(tables),
    ...(prefix !== '' && { custom: true as const }),
    ...part,
    primaryId,
    columns: [...columns, ...added.filter(({ name }) => !has(name))],
    lookups: part.lookups ?? [],
  }
}
