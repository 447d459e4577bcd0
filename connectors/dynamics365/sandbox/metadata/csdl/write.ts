import { operationsOf } from '../../operations/index.ts'
import type { Schema, Table } from '../../organization/schema.ts'
import { changeTracking } from './annotation.ts'
import { baseTypes } from './base-types.ts'
import { baseEntityType, type Detail, entityType } from './entity-type.ts'
import { importElement, operationElements } from './operations.ts'
import { typeElements } from './types.ts'
import { element } from './xml.ts'

const abstractTypes = [
  element('EntityType', { Name: 'crmbaseentity', Abstract: true }),
  element('EntityType', { Name: 'expando', BaseType: 'mscrm.crmbaseentity', OpenType: true }),
  element('EntityType', { Name: 'crmmodelbaseentity', Abstract: true }),
]

/** The CSDL document of an organization (facts sheet "`$metadata`"). */
export function writeCsdl(schema: Schema, detail: Detail): string {
  const tables = [...schema.tables.values()]
  const bases = baseTypes(schema)
  // A custom API may be bound to a table that the organization does not have.
  const operations = operationsOf({ schema }).filter(
    (one) => !one.private && (one.binding?.tables ?? []).every((name) => schema.tables.has(name)),
  )
  const content = [
    ...abstractTypes,
    ...bases.map((base) => baseEntityType(schema, base, detail)),
    ...tables.map((table) => entityType(schema, bases, table, detail)),
    ...typeElements(schema, operations),
    ...operations.flatMap(operationElements),
    element('EntityContainer', { Name: 'System' }, [
      ...tables.map((table) => entitySet(schema, table, detail)),
      ...new Set(operations.flatMap(importElement)),
    ]),
  ]
  const odata = 'http://docs.oasis-open.org/odata/ns'
  const body = element('Schema', { Namespace: 'Microsoft.Dynamics.CRM', Alias: 'mscrm', xmlns: `${odata}/edm` }, content)
  const document = element('edmx:Edmx', { Version: '4.0', 'xmlns:edmx': `${odata}/edmx` }, [
    ...references,
    element('edmx:DataServices', {}, [body]),
  ])
  return `<?xml version="1.0" encoding="utf-8"?>${document}`
}

const references = ['Keys', 'Display'].map((alias) =>
  element('edmx:Reference', { Uri: `http://vocabularies.odata.org/OData.Community.${alias}.V1.xml` }, [
    element('edmx:Include', { Namespace: `OData.Community.${alias}.V1`, Alias: alias }),
    element('edmx:IncludeAnnotations', { TermNamespace: `OData.Community.${alias}.V1` }),
  ]),
)

/** Owners are of two sets, so the way to them is not bound. */
function entitySet(schema: Schema, table: Table, { annotated }: Detail): string {
  const ways = [
    ...table.lookups.filter(({ target }) => target !== 'owner').map(({ navigation, target }) => [navigation, target] as const),
    ...[...table.collections.values()].map(({ name, table: target }) => [name, target] as const),
  ]
  return element('EntitySet', { Name: table.entitySetName, EntityType: `Microsoft.Dynamics.CRM.${table.logicalName}` }, [
    ...ways.map(([path, target]) => element('NavigationPropertyBinding', { Path: path, Target: schema.tables.get(target)!.entitySetName })),
    ...(annotated ? [changeTracking(table.changeTracking === true)] : []),
  ])
}
