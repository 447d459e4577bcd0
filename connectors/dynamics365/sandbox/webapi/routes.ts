import { answerCsdl } from '../metadata/csdl/answer.ts'
import { readDefinitions } from '../metadata/read.ts'
import { changeDefinition, createDefinition, deleteDefinition, refuseToPatch } from '../metadata/write/answer.ts'
import type { Call, WebApiResponse } from './call.ts'
import { answerChanges, countChanges } from './changes.ts'
import { readCollection, readCollectionCount } from './collection.ts'
import { countOf } from './count.ts'
import { createOne } from './create.ts'
import { deleteOne } from './delete.ts'
import { getOne } from './get.ts'
import { list } from './list.ts'
import { callOperation } from './operation.ts'
import { patchOne } from './patch.ts'
import { clearProperty, readProperty, readPropertyValue, setProperty, uploadProperty } from './property.ts'
import { readReference, readReferences } from './read-reference.ts'
import { addReference, clearReference, removeMemberReference, removeReference, setReference } from './reference.ts'
import { serviceDocument } from './service-document.ts'
import type { Target } from './target.ts'

/** One thing that can be asked of the Web API. The requests are answered from this table, and the page in the docs is made of it. */
export interface Route {
  kind: Target['kind']
  method: string
  /** Section of the facts sheet. */
  sheet: string
  about: string
  handle(call: Call, target: Target): WebApiResponse
}

/** How a target looks in an address. */
export const shapes: Record<Target['kind'], string> = {
  service: '/',
  metadata: '/$metadata',
  batch: '/$batch',
  definitions: '/EntityDefinitions…',
  set: '/<set>',
  'set count': '/<set>/$count',
  row: '/<set>(<key>)',
  property: '/<set>(<key>)/<column>',
  'property value': '/<set>(<key>)/<column>/$value',
  'lookup reference': '/<set>(<key>)/<lookup>/$ref',
  collection: '/<set>(<key>)/<collection>',
  'collection count': '/<set>(<key>)/<collection>/$count',
  'collection references': '/<set>(<key>)/<collection>/$ref',
  'member reference': '/<set>(<key>)/<collection>(<key>)/$ref',
  operation: '/<function or action>',
}

/** `$batch` is not here: it is made of requests, and so stands before this table. */
export const routes: readonly Route[] = [
  on('service', 'GET', '1.6', 'the service document', serviceDocument),
  on('metadata', 'GET', '14.1', 'the whole schema as CSDL', answerCsdl),
  on('definitions', 'GET', '14.2', 'tables, columns, keys, relationships', (call, { segments }) => readDefinitions(call, segments)),
  on('definitions', 'POST', '14.5', 'makes a table, column, key, relationship or global choice', (call, { segments }) =>
    createDefinition(call, segments),
  ),
  on('definitions', 'PUT', '14.5', 'changes one, given the complete definition', (call, { segments }) => changeDefinition(call, segments)),
  on('definitions', 'PATCH', '14.5', 'refused: definitions are not changed in part', refuseToPatch),
  on('definitions', 'DELETE', '14.5', 'deletes one', (call, { segments }) => deleteDefinition(call, segments)),
  on('set', 'GET', '6', 'rows, a page at a time; changes with a delta token', (call, { table }) =>
    call.prefer.trackChanges || call.query.has('$deltatoken') ? answerChanges(call, table) : list(call, table),
  ),
  on('set', 'POST', '4.1', 'creates a row', (call, { table }) => createOne(call, table)),
  on('set count', 'GET', '6.6', 'how many rows', (call, { table }) =>
    call.query.has('$deltatoken') ? countChanges(call, table) : countOf(call, table),
  ),
  on('row', 'GET', '3', 'a row', (call, { row }) => getOne(call, row)),
  on('row', 'PATCH', '4.4', 'changes a row, or creates it', (call, { row }) => patchOne(call, row)),
  on('row', 'DELETE', '4.8', 'deletes a row', (call, { row }) => deleteOne(call, row)),
  on('property', 'GET', '4.5', 'one value', (call, { row, column }) => readProperty(call, row, column)),
  on('property', 'PUT', '4.5', 'sets one value', (call, { row, column }) => setProperty(call, row, column)),
  on('property', 'PATCH', '13.1', 'uploads a file or a picture', (call, { row, column }) => uploadProperty(call, row, column)),
  on('property', 'DELETE', '4.5', 'clears one value', (call, { row, column }) => clearProperty(call, row, column)),
  on('property value', 'GET', '4.5', 'one value, bare', (call, { row, column }) => readPropertyValue(call, row, column)),
  on('lookup reference', 'GET', '6.4', 'the address of the row behind a lookup', (call, { row, lookup }) =>
    readReference(call, row, lookup),
  ),
  on('lookup reference', 'PUT', '5', 'sets a lookup', (call, { row, lookup }) => setReference(call, row, lookup)),
  on('lookup reference', 'DELETE', '5', 'clears a lookup', (call, { row, lookup }) => clearReference(call, row, lookup)),
  on('collection references', 'GET', '6.4', 'the addresses of the rows in a collection', (call, { row, collection }) =>
    readReferences(call, row, collection),
  ),
  on('collection references', 'POST', '5', 'puts a row into a collection', (call, { row, collection }) =>
    addReference(call, row, collection),
  ),
  on('collection references', 'DELETE', '5', 'takes the row `$id` out of a collection', (call, { row, collection }) =>
    removeReference(call, row, collection),
  ),
  on('member reference', 'DELETE', '5', 'takes a row out of a collection', (call, { row, collection, key }) =>
    removeMemberReference(call, row, collection, key),
  ),
  on('collection', 'GET', '6.4', 'the rows that hang on a row', (call, { row, collection }) => readCollection(call, row, collection)),
  on('collection count', 'GET', '6.4', 'how many of them', (call, { row, collection }) => readCollectionCount(call, row, collection)),
  on('operation', 'GET', '12', 'calls a function', (call, target) => callOperation(call, target)),
  on('operation', 'POST', '12', 'calls an action', (call, target) => callOperation(call, target)),
]

function on<K extends Target['kind']>(
  kind: K,
  method: string,
  sheet: string,
  about: string,
  handle: (call: Call, target: Extract<Target, { kind: K }>) => WebApiResponse,
): Route {
  return { kind, method, sheet, about, handle: handle as Route['handle'] }
}
