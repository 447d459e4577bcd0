import type { Column } from './schema.ts'

type TypedColumn = Pick<Column, 'type' | 'dateOnly'>

/** The type of a column's property (facts sheet "Data types on the wire"). */
export function edmType({ type, dateOnly }: TypedColumn): `Edm.${string}` {
  switch (type) {
    case 'Integer':
    case 'Picklist':
    case 'State':
    case 'Status':
      return 'Edm.Int32'
    case 'BigInt':
      return 'Edm.Int64'
    case 'Decimal':
    case 'Money':
      return 'Edm.Decimal'
    case 'Double':
      return 'Edm.Double'
    case 'Boolean':
      return 'Edm.Boolean'
    case 'DateTime':
      return dateOnly ? 'Edm.Date' : 'Edm.DateTimeOffset'
    case 'Image':
      return 'Edm.Binary'
    case 'Uniqueidentifier':
    case 'File':
    case 'Lookup':
    case 'Customer':
    case 'Owner':
      return 'Edm.Guid'
    default:
      return 'Edm.String'
  }
}

/** Columns whose texts are names or numbers, and so hold ASCII only. */
export function isAscii({ type }: TypedColumn): boolean {
  return type === 'EntityName' || type === 'MultiSelectPicklist'
}
