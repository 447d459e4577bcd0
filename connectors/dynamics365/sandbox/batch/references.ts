import { badQuery } from '../error.ts'
import type { Schema } from '../organization/schema.ts'
import type { WebApiResponse } from '../webapi/call.ts'
import type { Part } from './read.ts'

/** Rows that requests of the change set have written, below the service root, by Content-ID. */
export type References = Map<string, string>

const inUrl = /^\/?\$(?!batch\b|metadata\b)([\w.-]+)(?=[/?(]|$)/
const inBody = /("[^"\\]*@odata\.(?:bind|id)"\s*:\s*)("(?:[^"\\]|\\.)*"|\[\s*(?:"(?:[^"\\]|\\.)*"[\s,]*)*\])/g
const inValue = /"\/?\$([\w.-]+)(?=["/])/g

/**
 * A request with every `$<Content-ID>` in its address, in `@odata.bind` and in `@odata.id` replaced by the row that it stands for.
 * @throws WebApiError 400 for one that no earlier request of the change set has declared
 */
export function resolveReferences(part: Part, references: References): Part {
  const row = (id: string) => {
    const found = references.get(id)
    if (found === undefined) throw badQuery(`Content-ID Reference: '$${id}' does not exist in the batch context.`)
    return found
  }
  const url = part.url.replace(inUrl, (_, id: string) => row(id))
  if (!part.body.includes('$')) return { ...part, url }
  const text = part.body.toString('utf8')
  const resolved = text.replaceAll(
    inBody,
    (_, name: string, value: string) => name + value.replaceAll(inValue, (_, id: string) => `"/${row(id)}`),
  )
  return { ...part, url, body: resolved === text ? part.body : Buffer.from(resolved) }
}

/** The row that a request has written, below the service root. */
export function rowOf(schema: Schema, part: Part, answer: WebApiResponse): string {
  const address = answer.headers['OData-EntityId'] ?? answer.headers.Location
  if (address !== undefined) return belowRoot(address)
  const [, set] = /"@odata\.context":"[^"]*\$metadata#(\w+)[^"]*\/\$entity"/.exec(String(answer.body)) ?? []
  const table = schema.entitySets.get(set ?? '')
  const id = table && (JSON.parse(String(answer.body)) as Record<string, unknown>)[table.primaryId]
  return id === undefined ? belowRoot(part.url) : `${set}(${id})`
}

function belowRoot(address: string): string {
  return address.replace(/^(?:https?:\/\/[^/]+)?\/?(?:api\/data\/v\d\.\d\/)?/, '')
}
