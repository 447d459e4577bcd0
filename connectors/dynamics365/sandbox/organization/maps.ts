import type { Values } from './body.ts'
import { quoted, type StoredRow } from './database.ts'
import type { Organization } from './open.ts'
import { type Column, stableId, type Table } from './schema.ts'
import type { MapSeed, OrganizationSeed, RowSeed, TableSeed } from './seed.ts'
import { typeColumn } from './tables.ts'

const shared = ['systemuser', 'team', 'businessunit', 'transactioncurrency', 'owner']

/**
 * Rows of `entitymap` and `attributemap`: the maps of the seed, and one for each relationship that a publisher made, which takes the row
 * itself ("Customize table and column mappings" of the developer guide of Dataverse: a map is made with a relationship).
 */
export function mapRows({ tables, maps }: Pick<OrganizationSeed, 'tables' | 'maps'>): RowSeed[] {
  const pairs = new Map<string, MapSeed>()
  for (const map of [...maps, ...tables.flatMap((table) => parentMaps(tables, table))]) {
    const { source, target, columns } = map
    const missing = [source, target].some((name) => !tables.some(({ logicalName }) => logicalName === name))
    if (missing) continue
    const pair = `${source} ${target}`
    pairs.set(pair, { source, target, columns: { ...columns, ...pairs.get(pair)?.columns } })
  }
  return [...pairs.values()].flatMap(rowsOf)
}

function parentMaps(tables: readonly TableSeed[], { logicalName: target, lookups }: TableSeed): MapSeed[] {
  return lookups
    .filter((lookup) => /^[a-z0-9]+_/.test(lookup.column) && !lookup.inherited && !shared.includes(lookup.target))
    .map((lookup) => {
      const primaryId = tables.find(({ logicalName }) => logicalName === lookup.target)?.primaryId ?? ''
      return { source: lookup.target, target, columns: { [lookup.column]: primaryId } }
    })
}

function rowsOf({ source, target, columns }: MapSeed): RowSeed[] {
  const id = stableId(`map ${source} ${target}`)
  return [
    { table: 'entitymap', row: { entitymapid: id, sourceentityname: source, targetentityname: target } },
    ...Object.entries(columns).map(([to, from]) => ({
      table: 'attributemap',
      row: {
        attributemapid: stableId(`map ${source}.${from} ${target}.${to}`),
        'entitymapid@odata.bind': `/entitymaps(${id})`,
        sourceattributename: from,
        targetattributename: to,
        issystem: true,
      },
    })),
  ]
}

/** The row of `entitymap` that a row of `attributemap` is part of. */
export function mapIdOf({ row }: RowSeed): string {
  return /\((.*)\)/.exec(String(row['entitymapid@odata.bind']))![1]!
}

/** Columns of a row that is to be made, by the names that the map of two tables gives; undefined where there is no map. */
function columnsMapped({ database }: Organization, source: Table, target: Table): [from: Column, to: Column][] | undefined {
  const map = database.get(
    'select entitymapid from entitymap where sourceentityname = ? and targetentityname = ?',
    source.logicalName,
    target.logicalName,
  )
  if (!map) return undefined
  const rows = database.all(
    'select sourceattributename as "from", targetattributename as "to" from attributemap where entitymapid = ?',
    map.entitymapid!,
  )
  return rows.flatMap(({ from, to }) => {
    const [one, other] = [source.columns.get(String(from)), target.columns.get(String(to))]
    return one && other ? [[one, other] as [Column, Column]] : []
  })
}

/**
 * What a new row takes from one that it is made from, empty values left out; undefined where the two tables have no map.
 * @param id of the source, which must exist
 */
export function mappedValues(organization: Organization, source: Table, id: string, target: Table): Values | undefined {
  const columns = columnsMapped(organization, source, target)
  const row = organization.database.get(`select * from ${quoted(source.logicalName)} where ${quoted(source.identity)} = ?`, id)
  if (!columns || !row) return undefined
  const values: Values = new Map()
  for (const [from, to] of columns) {
    const value = row[from.name] ?? null
    if (value === null) continue
    const type = to.isLookup ? tableIn(source, row, from) : undefined
    if (to.isLookup && !to.lookups.some(({ target: one }) => one === type || (one === 'owner' && shared.includes(type ?? '')))) continue
    values.set(to.name, value)
    if (to.polymorphic) values.set(typeColumn(to), type ?? null)
  }
  return values
}

/** The table that the row behind a value is of: its own for the primary key, and that of a lookup. */
function tableIn(source: Table, row: StoredRow, column: Column): string | undefined {
  if (column.name === source.primaryId) return source.logicalName
  if (!column.isLookup) return undefined
  return column.polymorphic ? String(row[typeColumn(column)]) : column.lookups[0]?.target
}
