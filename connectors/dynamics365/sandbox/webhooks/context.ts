import { randomUUID } from 'node:crypto'
import type { WriteEvent } from '../organization/events.ts'
import type { Organization } from '../organization/open.ts'
import { stages } from '../organization/step-rules.ts'
import { entity, type Pair, reference, typed } from './entity.ts'
import { imagesOf } from './images.ts'
import type { Step } from './steps.ts'

const nobody = '00000000-0000-0000-0000-000000000000'

/** A delivery: what is sent, and what it is named by. */
export interface Context {
  correlationId: string
  message: string
  table: string
  body: Record<string, unknown>
}

/** The `RemoteExecutionContext` of a write (facts sheet "Body: `RemoteExecutionContext` as JSON"). */
export function contextOf(organization: Organization, step: Step, event: WriteEvent): Context {
  const { ids } = organization.schema
  const { message, table, id, caller } = event
  const correlationId = randomUUID()
  const now = organization.clock()
  const initiating = caller.onBehalfOf ?? caller.userId
  const images = imagesOf(step, event)
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
      InputParameters: inputOf(step, event),
      IsExecutingOffline: false,
      IsInTransaction: step.synchronous && step.stage !== stages.preValidation,
      IsOfflinePlayback: false,
      IsolationMode: 1,
      MessageName: message,
      Mode: step.synchronous ? 0 : 1,
      OperationCreatedOn: `/Date(${now.getTime()}-0000)/`,
      OperationId: randomUUID(),
      OrganizationId: ids.organizationId,
      OrganizationName: 'sandbox',
      OutputParameters: message === 'Create' && step.stage === stages.postOperation ? [{ key: 'id', value: id }] : [],
      OwningExtension: reference('sdkmessageprocessingstep', step.id, step.name),
      ParentContext: null,
      PostEntityImages: images.after,
      PreEntityImages: images.before,
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

/** What the message was asked with. Before its validation that is what the request gave, and later also what the server adds. */
function inputOf({ stage }: Step, { message, table, id, values, given, pair }: WriteEvent): Pair[] {
  const named = { key: 'Target', value: typed('EntityReference', reference(table.logicalName, id)) }
  if (pair)
    return [
      named,
      { key: 'Relationship', value: typed('Relationship', { PrimaryEntityRole: null, SchemaName: pair.relationship }) },
      // A list carries no type, and its items are all of the same one.
      { key: 'RelatedEntities', value: [reference(pair.member.table.logicalName, pair.member.id)] },
    ]
  if (message === 'Delete') return [named]
  const known = stage === stages.preValidation ? new Map([...values].filter(([name]) => given.has(name))) : values
  return [{ key: 'Target', value: typed('Entity', entity(table, id, known)) }]
}

function objectId({ database }: Organization, userId: string): unknown {
  return database.get('select azureactivedirectoryobjectid as id from systemuser where systemuserid = ?', userId)?.id ?? nobody
}
