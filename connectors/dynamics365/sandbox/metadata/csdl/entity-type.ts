import { edmType, isAscii } from '../../organization/edm-type.ts'
import type { Collection, Column, Lookup, Schema, Table } from '../../organization/schema.ts'
import { alternateKeys, computed, description, permission } from './annotation.ts'
import { type BaseType, baseOf } from './base-types.ts'
import { element } from './xml.ts'

/** How much of the metadata is told, and how. */
export interface Detail {
  /** With descriptions and capabilities. */
  annotated: boolean
  /** Whether every text is marked as ASCII, as a recorded organization does, or those that are. */
  ascii: 'every_text' | 'ascii_only'
}

export function baseEntityType(schema: Schema, { name, key, columns, lookups }: BaseType, detail: Detail): string {
  return element('EntityType', { Name: name, BaseType: 'mscrm.crmbaseentity', Abstract: true }, [
    keyElement(key),
    ...columns.map((column) => property(column, detail)),
    ...lookups.map((lookup) => lookupNavigation(schema, lookup)),
  ])
}

export function entityType(schema: Schema, bases: readonly BaseType[], table: Table, detail: Detail): string {
  const base = baseOf(bases, table)
  const inheritedColumns = new Set(base?.columns.map(({ name }) => name))
  const inheritedLookups = new Set(base?.lookups.map(({ navigation }) => navigation))
  const columns = [...table.columns.values()].filter(({ name }) => !inheritedColumns.has(name))
  const lookups = table.lookups.filter(({ navigation }) => !inheritedLookups.has(navigation))
  return element('EntityType', { Name: table.logicalName, BaseType: `mscrm.${base?.name ?? 'crmbaseentity'}` }, [
    keyElement(base?.key ?? table.primaryId),
    ...columns.map((column) => property(column, detail)),
    ...lookups.map((lookup) => lookupNavigation(schema, lookup)),
    ...[...table.collections.values()].map(collectionNavigation),
    ...alternateKeys(table.keys.map((key) => key.columns.map((name) => table.columns.get(name)?.property ?? name))),
    ...(detail.annotated ? description(table.description) : []),
  ])
}

function keyElement(name: string): string {
  return element('Key', {}, [element('PropertyRef', { Name: name })])
}

function property(column: Column, { annotated, ascii }: Detail): string {
  const type = edmType(column)
  const marked = type === 'Edm.String' && (ascii === 'every_text' || isAscii(column))
  return element(
    'Property',
    {
      Name: column.property,
      Type: type,
      ...(marked && { Unicode: false }),
      ...(type === 'Edm.Decimal' && { Scale: 'Variable' }),
    },
    [
      ...(annotated ? description(column.description) : []),
      ...(column.isLookup || column.readOnly ? [computed()] : []),
      ...(column.readOnly ? [permission('Read')] : []),
      ...(column.writeOnly ? [permission('Write')] : []),
    ],
  )
}

/** A polymorphic lookup has one for each table that it may point at, all with the same property. */
function lookupNavigation(schema: Schema, { column, navigation, target, collection, inherited }: Lookup): string {
  const owner = target === 'owner'
  const referenced = owner ? 'ownerid' : schema.tables.get(target)!.primaryId
  return element(
    'NavigationProperty',
    {
      Name: navigation,
      Type: `mscrm.${owner ? 'principal' : target}`,
      Nullable: false,
      Partner: inherited ? undefined : collection,
    },
    [element('ReferentialConstraint', { Property: `_${column}_value`, ReferencedProperty: referenced })],
  )
}

function collectionNavigation({ name, table, lookup }: Collection): string {
  return element('NavigationProperty', { Name: name, Type: `Collection(mscrm.${table})`, Partner: lookup?.navigation ?? name })
}
