import { noSuchSegment, notSupported, wrongMethod } from '../error.ts'
import type { Table } from '../organization/schema.ts'
import type { Call, WebApiResponse } from './call.ts'
import { answerChanges, countChanges } from './changes.ts'
import { countOf } from './count.ts'
import { createOne } from './create.ts'
import { deleteOne } from './delete.ts'
import { definitions } from './definitions.ts'
import { getOne } from './get.ts'
import { list } from './list.ts'
import { patchOne } from './patch.ts'
import { serviceDocument } from './service-document.ts'
import { whoAmI } from './who-am-i.ts'

/** Finds the operation that a path and a method name. */
export function route(call: Call): WebApiResponse {
  const { method, path, organization } = call
  const segments = splitPath(path)
  const [first = '', second, ...more] = segments
  if (first === '') return only(call, 'GET', () => serviceDocument(call))
  if (/^WhoAmI(\(\))?$/.test(first) && second === undefined) return only(call, 'GET', () => whoAmI(call))
  if (first.startsWith('EntityDefinitions')) return only(call, 'GET', () => definitions(call, segments))
  if (first === '$metadata') throw notSupported('$metadata; EntityDefinitions holds the same')

  const [, set = '', key] = /^([^(]*)(?:\((.*)\))?$/s.exec(first) ?? []
  const table = organization.schema.entitySets.get(set)
  if (!table) throw noSuchSegment(set)
  if (more.length > 0) throw notSupported(`paths of ${segments.length} segments`)
  if (key === undefined) return collection(call, table, second)
  if (second === undefined) return single(call, table, key)
  if (table.collections.has(second) || table.navigations.has(second)) throw notSupported('navigation in the path; use $expand or $filter')
  if (table.properties.has(second)) throw notSupported('single properties in the path; read or write the row')
  throw method === 'GET' || method === 'POST' ? noSuchSegment(second) : wrongMethod(method)
}

function collection(call: Call, table: Table, segment: string | undefined): WebApiResponse {
  if (segment === '$count') return only(call, 'GET', () => (call.query.has('$deltatoken') ? countChanges(call, table) : countOf(call, table)))
  if (segment !== undefined) throw segment.startsWith('Microsoft.Dynamics.CRM.') ? notSupported(`the operation ${segment}`) : noSuchSegment(segment)
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
