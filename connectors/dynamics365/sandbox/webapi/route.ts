import { noSuchSegment, notSupported, wrongMethod } from '../error.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { answerChanges, countChanges } from './changes.ts'
import { countOf } from './count.ts'
import { createOne } from './create.ts'
import { definitions } from './definitions.ts'
import { deleteOne } from './delete.ts'
import { getOne } from './get.ts'
import { list } from './list.ts'
import { multiple } from './multiple.ts'
import { patchOne } from './patch.ts'
import { property } from './property.ts'
import { relatedRow, relatedRows } from './related.ts'
import { serviceDocument } from './service-document.ts'
import { whoAmI } from './who-am-i.ts'

const namespace = 'Microsoft.Dynamics.CRM.'

/** What the real service has at its root, and the sandbox lacks. */
const lacking = new Set(
  `BulkDelete CalculatePrice CloseIncident GlobalOptionSetDefinitions GrantAccess InitializeFrom LoseOpportunity Merge PublishAllXml PublishXml
  RelationshipDefinitions RetrieveCurrentOrganization RetrieveMetadataChanges RetrieveTotalRecordCount RetrieveVersion WinOpportunity
  activitypointers annotations asyncoperations audits campaigns competitors emails organizations pricelevels products queues savedqueries
  sdkmessagefilters sdkmessageprocessingsteps sdkmessages serviceendpoints userqueries workflows`.split(/\s+/),
)

/** Finds the operation that a path and a method name. */
export function route(call: Call): WebApiResponse {
  const { path, organization } = call
  const segments = splitPath(path)
  const [first = '', second, ...more] = segments
  if (first === '') return only(call, 'GET', () => serviceDocument(call))
  if (/^WhoAmI(\(\))?$/.test(first) && second === undefined) return only(call, 'GET', () => whoAmI(call))
  if (first.startsWith('EntityDefinitions')) return only(call, 'GET', () => definitions(call, segments))
  if (first === '$metadata') throw notSupported('$metadata; EntityDefinitions holds the same')

  const [, set = '', key] = /^([^(]*)(?:\((.*)\))?$/s.exec(first) ?? []
  const table = organization.schema.entitySets.get(set)
  if (!table) throw lacking.has(set) ? notSupported(set) : noSuchSegment(set)
  if (key === undefined && more.length > 0) throw noSuchSegment(more[0]!)
  if (key === undefined) return collection(call, table, second)
  return second === undefined ? single(call, table, key) : below(call, table, key, second, more)
}

/** What stands below one row. */
function below(call: Call, table: Table, key: string, name: string, more: readonly string[]): WebApiResponse {
  if ([name, ...more].some((segment) => segment.startsWith('$ref'))) throw notSupported('$ref; set lookups with @odata.bind')
  if (name.startsWith('Microsoft.Dynamics.CRM.')) throw notSupported(`the bound operation ${name}`)
  const [column, children, lookup] = [table.properties.get(name), table.collections.get(name), table.navigations.get(name)]
  if (column) return property(call, table, key, column, more)
  if (children) return relatedRows(call, table, key, children, more)
  if (lookup) return relatedRow(call, table, key, lookup, more)
  throw noSuchSegment(name)
}

function collection(call: Call, table: Table, segment: string | undefined): WebApiResponse {
  if (segment === '$count')
    return only(call, 'GET', () => (call.query.has('$deltatoken') ? countChanges(call, table) : countOf(call, table)))
  if (segment?.startsWith(namespace)) return only(call, 'POST', () => multiple(call, table, segment.slice(namespace.length)))
  if (segment !== undefined) throw noSuchSegment(segment)
  switch (call.method) {
    case 'GET':
      return call.prefer.trackChanges || call.query.has('$deltatoken') ? answerChanges(call, table) : list(call, table)
    case 'POST':
      return createOne(call, table)
    default:
      throw wrongMethod(call.method)
  }
}

function single(call: Call, table: Table, key: string): WebApiResponse {
  switch (call.method) {
    case 'GET':
      return getOne(call, table, key)
    case 'PATCH':
      return patchOne(call, table, key)
    case 'DELETE':
      return deleteOne(call, table, key)
    default:
      throw wrongMethod(call.method)
  }
}

function only(call: Call, method: string, answer: () => WebApiResponse): WebApiResponse {
  if (call.method !== method) throw wrongMethod(call.method)
  return answer()
}

/** At slashes that stand outside of parentheses and texts; a key may hold any character. */
function splitPath(path: string): string[] {
  const parts = ['']
  let quoted = false
  let depth = 0
  for (const character of path) {
    if (character === "'") quoted = !quoted
    else if (!quoted && character === '(') depth++
    else if (!quoted && character === ')') depth--
    if (character === '/' && !quoted && depth === 0) parts.push('')
    else parts[parts.length - 1] += character
  }
  return parts
}
