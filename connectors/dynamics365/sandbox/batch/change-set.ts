import type { Organization } from '../organization/open.ts'
import { write } from '../organization/write.ts'
import type { WebApiResponse } from '../webapi/call.ts'
import { failed } from '../webapi/response.ts'
import type { Run } from './handle.ts'
import type { Part } from './read.ts'
import { type References, resolveReferences, rowOf } from './references.ts'
import type { ItemAnswer } from './write.ts'

/** Takes the writes of a change set back, and carries the answer of the request that failed. */
class Undo extends Error {
  readonly answer: WebApiResponse

  constructor(answer: WebApiResponse) {
    super('a request of the change set failed')
    this.answer = answer
  }
}

/** All of its requests, or none; one that fails is the answer to the whole. Those that touch an elastic table are not taken back. */
export function runChangeSet(organization: Organization, parts: readonly Part[], run: Run): ItemAnswer {
  const work = () => ({ changeSet: runParts(organization, parts, run) })
  try {
    return parts.some(({ url }) => isElastic(organization, url)) ? work() : write(organization, work)
  } catch (error) {
    return { answer: error instanceof Undo ? error.answer : failed(error) }
  }
}

function runParts({ schema }: Organization, parts: readonly Part[], run: Run) {
  const references: References = new Map()
  return parts.map((written) => {
    const part = resolveReferences(written, references)
    const answer = run(part)
    if (answer.status >= 400) throw new Undo(answer)
    if (part.contentId !== undefined) references.set(part.contentId, rowOf(schema, part, answer))
    return { answer, contentId: part.contentId }
  })
}

function isElastic({ schema }: Organization, url: string): boolean {
  const [, set = ''] = /^(?:https?:\/\/[^/]+)?\/?(?:api\/data\/v\d\.\d\/)?(\w+)/.exec(url) ?? []
  return schema.entitySets.get(set)?.elastic ?? false
}
