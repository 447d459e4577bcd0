import type { Schema } from '../../organization/schema.ts'
import type { Call, WebApiResponse } from '../../webapi/call.ts'
import { applied } from '../../webapi/prefer.ts'
import type { Detail } from './entity-type.ts'
import { writeCsdl } from './write.ts'

/** Documents that were written, by what they hold; a changed organization has another schema. */
const written = new WeakMap<Schema, Map<string, string>>()

/** `$metadata`; with descriptions and capabilities where `?annotations=true` or the `Prefer` header asks for them. */
export function answerCsdl({ organization, query, prefer }: Call): WebApiResponse {
  const asked = prefer.annotates('Org.OData.Core.V1.Description')
  const detail: Detail = { annotated: asked || query.get('annotations') === 'true', ascii: organization.switches.unicode_facet }
  const documents = written.get(organization.schema) ?? new Map<string, string>()
  written.set(organization.schema, documents)
  const name = JSON.stringify(detail)
  const body = documents.get(name) ?? writeCsdl(organization.schema, detail)
  documents.set(name, body)
  const headers = asked ? applied(prefer, ['odata.include-annotations']) : {}
  return { status: 200, headers: { 'Content-Type': 'application/xml', 'OData-Version': '4.0', ...headers }, body }
}
