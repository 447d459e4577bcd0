import { quoted } from './database.ts'
import { imageTriggers } from './file-content.ts'
import { expiryColumn } from './identity.ts'
import type { Column, Table } from './schema.ts'
import { decimalDigits, decimalKey, toUnits } from './values/units.ts'

/** Nearly every row points at one of these, and they are never deleted here: an index on such a lookup would cost and serve nothing. */
const everywhere = new Set(['owner', 'systemuser', 'team', 'businessunit', 'transactioncurrency'])

/** Clients read rows in this order, page after page. */
const polled = ['createdon', 'modifiedon']

export function tableDefinition(table: Table): string {
  const columns = [...sqlColumns(table)].map(([column, definition]) => `${quoted(column)} ${definition}`)
  return [`create table ${quoted(table.logicalName)} (${columns.join(', ')})`, ...sqlAround(table)].join(';\n')
}

/** What SQLite keeps of a row, by name; each with its definition. */
export function sqlColumns(table: Table): Map<string, string> {
  const own = [...table.columns.values()].flatMap((column): [string, string][] => [
    [column.name, columnDefinition(column, table)],
    ...(column.polymorphic ? [[typeColumn(column), 'text'] satisfies [string, string]] : []),
  ])
  const elastic: [string, string][] = [
    [table.identity, 'text primary key not null'],
    [expiryColumn, 'text'],
  ]
  return new Map([...(table.elastic ? elastic : []), ...own])
}

/** What stands around a table: its indexes, and what takes full pictures along. */
export function sqlAround(table: Table): string[] {
  return [...sqlIndexes(table), ...imageTriggers(table)]
}

function sqlIndexes(table: Table): string[] {
  const { logicalName, primaryId, columns } = table
  // The key with the partition is the identity itself, and partitions are told apart by case.
  const keys = table.keys.filter((key) => !(table.elastic && key.columns.includes('partitionid')))
  const name = quoted(logicalName)
  const indexed = [...columns.values()].filter((column) => column.lookups.some(({ target }) => !everywhere.has(target)))
  return [
    `create index ${quoted(`${logicalName} version`)} on ${name} (versionnumber)`,
    ...(table.elastic
      ? [`create index ${quoted(`${logicalName} expiry`)} on ${name} (${quoted(expiryColumn)}) where ${quoted(expiryColumn)} is not null`]
      : []),
    ...polled
      .filter((column) => columns.has(column))
      .map((column) => `create index ${quoted(`${logicalName} ${column}`)} on ${name} (${column}, ${quoted(primaryId)})`),
    ...keys.map(
      (key) => `create unique index ${quoted(`${logicalName} key ${key.name}`)} on ${name} (${key.columns.map(quoted).join(', ')})`,
    ),
    ...indexed.map(
      (column) =>
        `create index ${quoted(`${logicalName} ${column.name}`)} on ${name} (${quoted(column.name)}) where ${quoted(column.name)} is not null`,
    ),
  ]
}

/** Holds the logical name of the table that a polymorphic lookup points at. */
export function typeColumn({ name }: Pick<Column, 'name'>): string {
  return `${name} type`
}

function columnDefinition(column: Column, { identity }: Table): string {
  if (column.name === identity) return 'text primary key not null'
  const preset = column.default ?? (column.type === 'Boolean' ? false : undefined)
  return `${affinity(column)}${preset === undefined ? '' : ` default ${presetSql(column, preset)}`}`
}

function presetSql({ type }: Column, preset: NonNullable<Column['default']>): string {
  if (type === 'Decimal') return `'${decimalKey(toUnits(String(preset), decimalDigits) ?? 0n)}'`
  return typeof preset === 'string' ? `'${preset.replaceAll("'", "''")}'` : String(Number(preset))
}

function affinity({ type }: Column): string {
  switch (type) {
    case 'String':
    case 'Memo':
    case 'EntityName':
      return 'text collate nocase'
    case 'Double':
      return 'real'
    case 'Integer':
    case 'BigInt':
    case 'Boolean':
    case 'Picklist':
    case 'State':
    case 'Status':
    case 'Money':
      return 'integer'
    default:
      return 'text'
  }
}
