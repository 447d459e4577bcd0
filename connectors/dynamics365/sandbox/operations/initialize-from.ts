import { notSupported, WebApiError } from '../error.ts'
import { mappedValues } from '../organization/maps.ts'
import type { Organization } from '../organization/open.ts'
import { type Column, ownerTables, type Table } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { toJson } from '../organization/values.ts'
import { requireRight } from '../privileges/check.ts'
import { numbersFor } from '../webapi/ieee754.ts'
import type { Operation } from './operation.ts'
import { rowParameter } from './rows.ts'

/**
 * The body of a new row, filled from another one by the maps of their tables (facts sheet "Deep insert"). Parameters are those of the
 * function's page in the reference of the Web API; the answer has the form of the example in "Create a table row using the Web API".
 */
export const initializeFrom: Operation = {
  name: 'InitializeFrom',
  kind: 'function',
  sheet: '4.3',
  about: 'the body of a new row, filled from another row',
  parameters: [
    { name: 'EntityMoniker', type: 'mscrm.crmbaseentity' },
    { name: 'TargetEntityName', type: 'Edm.String' },
    { name: 'TargetFieldType', type: 'mscrm.TargetFieldType' },
    { name: 'SkipParentalRelationshipMapping', type: 'Edm.Boolean', optional: true },
    { name: 'RetrieveConsumableRecord', type: 'Edm.Boolean', optional: true },
  ],
  returns: 'mscrm.crmbaseentity',
  run({ call, organization, parameters }) {
    const source = rowParameter(organization, parameters.EntityMoniker, 'crmbaseentity')
    requireRight(organization, call.caller, source.table, 'Read', source.id)
    const target = organization.schema.tables.get(String(parameters.TargetEntityName))
    if (!target)
      throw new WebApiError(
        400,
        '0x80060888',
        `The entity with a name = '${parameters.TargetEntityName}' was not found in the MetadataCache.`,
      )
    const values = mappedValues(organization, source.table, source.id, target)
    if (!values)
      throw notSupported(`InitializeFrom from ${source.table.logicalName} to ${target.logicalName}, which have no row in entitymaps`)
    const skipped = parameters.SkipParentalRelationshipMapping === true
    const columns = [...values.keys()]
      .flatMap((name) => target.columns.get(name) ?? [])
      .filter(
        (column) =>
          isOfType(target, column, String(parameters.TargetFieldType)) &&
          !(skipped && column.isLookup && values.get(column.name) === source.id),
      )
    return {
      '@odata.context': `${call.base}/$metadata#${target.entitySetName}/$entity`,
      '@odata.type': `#Microsoft.Dynamics.CRM.${target.logicalName}`,
      ...Object.fromEntries(columns.filter(({ isLookup }) => isLookup).map((column) => binding(organization, column, values))),
      ...numbersFor(
        call,
        Object.fromEntries(
          columns.filter(({ isLookup }) => !isLookup).map((column) => [column.name, toJson(column, values.get(column.name)!)]),
        ),
      ),
    }
  },
}

/** `TargetFieldType`: what can be set in a new row, what can be changed later, what can be read, or all. */
function isOfType(table: Table, column: Column, type: string): boolean {
  if (type === 'ValidForCreate') return !column.readOnly
  if (type === 'ValidForUpdate') return !column.readOnly && column.name !== table.primaryId
  return type !== 'ValidForRead' || !column.writeOnly
}

function binding({ schema }: Organization, column: Column, values: ReadonlyMap<string, unknown>): [string, string] {
  const type = column.polymorphic ? String(values.get(typeColumn(column))) : column.lookups[0]!.target
  const fits = (target: string) => target === type || (target === 'owner' && ownerTables.includes(type))
  const { navigation } = column.lookups.find(({ target, inherited }) => !inherited && fits(target))!
  return [`${navigation}@odata.bind`, `${schema.tables.get(type)!.entitySetName}(${values.get(column.name)})`]
}
