import { randomUUID } from 'node:crypto'
import type { Stored } from '../organization/database.ts'
import type { WriteEvent } from '../organization/events.ts'
import type { Organization } from '../organization/open.ts'
import type { Column } from '../organization/schema.ts'
import { typeColumn } from '../organization/tables.ts'
import { moneyText, toJson } from '../organization/values.ts'
import type { Step } from './steps.ts'

const contracts = 'http://schemas.microsoft.com/xrm/2011/Contracts'
const nobody = '00000000-0000-0000-0000-000000000000'

/** A delivery: what is sent, and what it is named by. */
export interface Context {
  correlationId: string
  message: string
  table: string
  body: Record<string, unknown>
}

/** Collections by name are lists of these on the wire. */
interface Pair {
  key: string
  value: unknown
}

/** The `RemoteExecutionContext` of a write (facts sheet "Body: `RemoteExecutionContext` as JSON"). */
export function contextOf(organization: Organization, step: Step, event: WriteEvent): Context {
  const { ids } = organization.schema
  const { message, table, id, caller } = event
  const correlationId = randomUUID()
  const now = organization.clock()
  const initiating = caller.onBehalfOf ?? caller.userId
  const primary =
    event.pair && organization.switches.pair_event_entity === 'none' ? { table: 'none', id: nobody } : { table: table.logicalName, id }
  return {
    correlationId,
    message,
    table: primary.table,
    body: {
      BusinessUnitId: ids.businessUnitId,
      CorrelationId: correlationId,
      Depth: 1,
      InitiatingUserAzureActiveDirectoryObjectId: objectId(organization, initiating),
      InitiatingUserId: initiating,
      InputParameters: inputOf(organization, event),
      IsExecutingOffline: false,
      IsInTransaction: step.synchronous,
      IsOfflinePlayback: false,
      IsolationMode: 1,
      MessageName: message,
      Mode: step.synchronous ? 0 : 1,
      OperationCreatedOn: `/Date(${now.getTime()}-0000)/`,
      OperationId: randomUUID(),
      OrganizationId: ids.organizationId,
      OrganizationName: 'sandbox',
      OutputParameters: message === 'Create' ? [{ key: 'id', value: id }] : [],
      OwningExtension: { ...reference('sdkmessageprocessingstep', step.id), Name: step.name },
      ParentContext: null,
      PostEntityImages: [],
      PreEntityImages: [],
      PrimaryEntityId: primary.id,
      PrimaryEntityName: primary.table,
      RequestId: randomUUID(),
      SecondaryEntityName: 'none',
      SharedVariables: caller.tag === undefined ? [] : [{ key: 'tag', value: caller.tag }],
      Stage: step.stage,
      UserAzureActiveDirectoryObjectId: objectId(organization, caller.userId),
      UserId: caller.userId,
    },
  }
}

/** What the message was asked with; rows that are only named come as references. */
function inputOf(organization: Organization, event: WriteEvent): Pair[] {
  const { message, table, id, pair } = event
  const named = { key: 'Target', value: typedReference(table.logicalName, id) }
  if (pair)
    return [
      named,
      { key: 'Relationship', value: { __type: `Relationship:${contracts}`, PrimaryEntityRole: null, SchemaName: pair.relationship } },
      // A list carries no type, and its items are all of the same one.
      { key: 'RelatedEntities', value: [reference(pair.member.table.logicalName, pair.member.id)] },
    ]
  return [message === 'Delete' ? named : { key: 'Target', value: target(organization, event) }]
}

function target(organization: Organization, { table, id, values }: WriteEvent): Record<string, unknown> {
  const attributes = [...values].flatMap(([name, stored]) => {
    const column = table.columns.get(name)
    return column && column.type !== 'Image' && !column.writeOnly ? [{ key: name, value: attribute(column, stored, values) }] : []
  })
  return {
    __type: `Entity:${contracts}`,
    Attributes: attributes,
    EntityState: null,
    FormattedValues: [],
    Id: id,
    KeyAttributes: [],
    LogicalName: table.logicalName,
    RelatedEntities: [],
    RowVersion: String(values.get('versionnumber') ?? organization.version),
  }
}

function attribute(column: Column, stored: Stored, values: ReadonlyMap<string, Stored>): unknown {
  if (stored === null) return null
  switch (column.type) {
    case 'Lookup':
    case 'Customer':
    case 'Owner': {
      const type = column.polymorphic ? values.get(typeColumn(column)) : column.lookups[0]?.target
      return typedReference(String(type), String(stored))
    }
    case 'Picklist':
    case 'State':
    case 'Status':
      return { __type: `OptionSetValue:${contracts}`, Value: stored }
    case 'MultiSelectPicklist':
      return String(stored)
        .split(',')
        .map((value) => ({ __type: `OptionSetValue:${contracts}`, Value: Number(value) }))
    case 'Money':
      return { __type: `Money:${contracts}`, Value: Number(moneyText(String(stored))) }
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

function typedReference(table: string, id: string): Record<string, unknown> {
  return { __type: `EntityReference:${contracts}`, ...reference(table, id) }
}

function reference(table: string, id: string): Record<string, unknown> {
  return { Id: id, KeyAttributes: [], LogicalName: table, Name: null, RowVersion: null }
}

function objectId({ database }: Organization, userId: string): unknown {
  return database.get('select azureactivedirectoryobjectid as id from systemuser where systemuserid = ?', userId)?.id ?? nobody
}
