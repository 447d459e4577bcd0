import type { Stored } from '../organization/database.ts'
import type { Column, Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { moneyText, toJson } from '../organization/values.ts'

/** Collections by name are lists of these on the wire. */
export interface Pair {
  key: string
  value: unknown
}

/** Names the type of a value that stands where any could. */
export function typed(type: 'Entity' | 'EntityReference' | 'Money' | 'OptionSetValue' | 'Relationship', value: object): object {
  return { __type: `${type}:http://schemas.microsoft.com/xrm/2011/Contracts`, ...value }
}

/** A row with these of its values, those left out that nobody reads so: pictures, secrets and what is no column. */
export function entity({ logicalName, columns }: Table, id: string, values: ReadonlyMap<string, Stored>): object {
  const attributes = [...values].flatMap(([name, stored]): Pair[] => {
    const column = columns.get(name)
    return column && column.type !== 'Image' && !column.writeOnly ? [{ key: name, value: attribute(column, stored, values) }] : []
  })
  return {
    Attributes: attributes,
    EntityState: null,
    FormattedValues: [],
    Id: id,
    KeyAttributes: [],
    LogicalName: logicalName,
    RelatedEntities: [],
    RowVersion: null,
  }
}

export function reference(table: string, id: string, name: string | null = null): object {
  return { Id: id, KeyAttributes: [], LogicalName: table, Name: name, RowVersion: null }
}

function attribute(column: Column, stored: Stored, values: ReadonlyMap<string, Stored>): unknown {
  if (stored === null) return null
  switch (column.type) {
    case 'Lookup':
    case 'Customer':
    case 'Owner': {
      const type = column.polymorphic ? values.get(typeColumn(column)) : column.lookups[0]?.target
      return typed('EntityReference', reference(String(type), String(stored)))
    }
    case 'Picklist':
    case 'State':
    case 'Status':
      return typed('OptionSetValue', { Value: stored })
    case 'MultiSelectPicklist':
      return String(stored)
        .split(',')
        .map((value) => typed('OptionSetValue', { Value: Number(value) }))
    case 'Money':
      return typed('Money', { Value: Number(moneyText(String(stored))) })
    case 'Decimal':
      return toJson(column, stored)
    case 'Boolean':
      return stored === 1
    case 'DateTime':
      return `/Date(${Date.parse(column.dateOnly ? `${stored}T00:00:00Z` : `${stored}Z`)})/`
    default:
      return typeof stored === 'bigint' ? Number(stored) : stored
  }
}
