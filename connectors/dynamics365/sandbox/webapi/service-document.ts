import type { Call, WebApiResponse } from './call.ts'
import { json } from './response.ts'

export function serviceDocument({ base, organization }: Call): WebApiResponse {
  const value = [...organization.schema.entitySets.keys()].sort().map((name) => ({ name, kind: 'EntitySet', url: name }))
  return json(200, { '@odata.context': `${base}/$metadata`, value })
}
