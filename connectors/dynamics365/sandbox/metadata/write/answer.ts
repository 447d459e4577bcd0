import { randomUUID } from 'node:crypto'
import { noSuchSegment, wrongMethod } from '../../error.ts'
import { redefine } from '../../organization/redefine.ts'
import { requirePrivilege } from '../../privileges/check.ts'
import { objectBody } from '../../webapi/body.ts'
import type { Call, WebApiResponse } from '../../webapi/call.ts'
import { noContent, written } from '../../webapi/response.ts'
import { type Found, findDefinition } from '../find.ts'
import type { Resource } from '../resource.ts'
import { type DefinitionWriter, definitionWriters, type WriteContext } from './writers.ts'

/** `POST` to a set of definitions (facts sheet "Writing definitions"). */
export function createDefinition(call: Call, segments: readonly string[]): WebApiResponse {
  const found = findDefinition(call.organization, segments)
  const { writer, set } = writerOf(segments)
  if (!('items' in found)) throw wrongMethod(call.method)
  requirePrivilege(call.organization, call.caller, `prvCreate${writer.kind}`)
  const parent = segments.length > 1 ? ownerOf(call, segments) : undefined
  const { definitions, id } = writer.create({
    ...contextOf(call, set),
    ...(parent && { table: String(parent.properties.LogicalName) }),
  })
  redefine(call.organization, definitions)
  const path = parent ? `EntityDefinitions(${parent.properties.MetadataId})/${set}` : set
  return written(`${call.base}/${path}(${id})`)
}

/** `PUT` with the complete definition: what it does not say gets its default, or goes. */
export function changeDefinition(call: Call, segments: readonly string[]): WebApiResponse {
  const { writer, set } = writerOf(segments)
  const item = itemOf(findDefinition(call.organization, segments), call)
  requirePrivilege(call.organization, call.caller, `prvWrite${writer.kind}`)
  redefine(call.organization, writer.change(contextOf(call, set), item))
  return noContent()
}

export function deleteDefinition(call: Call, segments: readonly string[]): WebApiResponse {
  const { writer } = writerOf(segments)
  const item = itemOf(findDefinition(call.organization, segments), call)
  requirePrivilege(call.organization, call.caller, `prvDelete${writer.kind}`)
  redefine(call.organization, writer.remove({ ...baseContext(call), body: {} }, item))
  return noContent()
}

/** A definition is never changed in part. @throws WebApiError 405 */
export function refuseToPatch({ method }: Call): never {
  throw wrongMethod(method)
}

/** The last segment that is no cast names the set. */
function writerOf(segments: readonly string[]): { writer: DefinitionWriter; set: string } {
  const set = /^\w+/.exec(segments.findLast((segment) => !segment.startsWith('Microsoft.')) ?? '')?.[0] ?? ''
  if (!Object.hasOwn(definitionWriters, set)) throw noSuchSegment(set)
  return { writer: definitionWriters[set]!, set }
}

function ownerOf({ organization }: Call, [first = '']: readonly string[]): Resource | undefined {
  const owner = findDefinition(organization, [first])
  return 'item' in owner ? owner.item : undefined
}

function itemOf(found: Found, { method }: Call): Resource {
  if ('item' in found) return found.item
  throw wrongMethod(method)
}

function contextOf(call: Call, set: string): WriteContext {
  return { ...baseContext(call), body: objectBody(call, set) }
}

function baseContext({ organization, header }: Call): Omit<WriteContext, 'body'> {
  const { schema } = organization
  return {
    organization,
    schema,
    definitions: schema.definitions,
    mergeLabels: header('mscrm.mergelabels')?.trim().toLowerCase() === 'true',
    newId: randomUUID,
  }
}
