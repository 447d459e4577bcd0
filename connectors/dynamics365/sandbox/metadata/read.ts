import { badQuery } from '../error.ts'
import type { Call, WebApiResponse } from '../webapi/call.ts'
import { json } from '../webapi/response.ts'
import { findDefinition } from './find.ts'
import { inLanguages, readLanguages } from './languages.ts'
import { contextList, parseShape, type Shape, shaped, shapedOne } from './shape.ts'
import { metadataVersion, versionAnnotation } from './version.ts'

/** Reads definitions (facts sheet "Reading definitions"): no paging, everything at once. */
export function readDefinitions(call: Call, segments: readonly string[]): WebApiResponse {
  const shape = parseShape(optionsOf(call))
  const found = findDefinition(call.organization, segments)
  if ('items' in found) {
    if (
      found.path === 'GlobalOptionSetDefinitions' &&
      shape.filter !== undefined &&
      call.organization.switches.global_choice_filter === 'refuse'
    )
      throw badQuery('The query parameter $filter is not supported')
    return answer(call, found.path, shape, { value: shaped(found.items, shape, found.declared) })
  }
  return answer(call, found.path, shape, shapedOne(found.item, shape, found.declared), '/$entity')
}

function answer(call: Call, path: string, shape: Shape, body: object, suffix = ''): WebApiResponse {
  const context = { '@odata.context': `${call.base}/$metadata#${path}${contextList(shape)}${suffix}` }
  const version = call.prefer.annotates(versionAnnotation) && { [`@${versionAnnotation}`]: metadataVersion(call.organization) }
  return json(200, { ...context, ...version, ...(inLanguages(body, readLanguages(call.query.get('LabelLanguages'))) as object) })
}

/** The request header `Consistency` needs nothing here: reads always see the latest definitions. */
function optionsOf({ query, organization }: Call): Map<string, string> {
  const options = new Map([...query].filter(([name]) => name !== 'LabelLanguages'))
  for (const name of ['$top', '$orderby']) if (organization.switches.definition_order_and_top === 'ignore') options.delete(name)
  for (const name of ['$top', '$orderby', '$count', '$skiptoken', '$skip', '$apply', '$search'])
    if (options.has(name)) throw badQuery(`The query parameter ${name} is not supported`)
  return options
}
