import { enumNumber, enumTypes } from '../../operations/types.ts'
import type { DefinitionHistory, DeletedKind } from './history.ts'

/**
 * A `DeletedMetadataCollection`: told with both a version and kinds only, and not filtered by the query ("Cache schema data" of the developer
 * guide of Dataverse). Kinds of which nothing was deleted are left out.
 * @param kinds a `DeletedMetadataFilters`: names joined by commas, or their sum
 */
export function deletedSince({ deleted }: DefinitionHistory, since: number | undefined, kinds: unknown): Record<string, unknown> {
  const mask =
    since === undefined || kinds == null ? 0 : typeof kinds === 'number' ? kinds : enumNumber('DeletedMetadataFilters', String(kinds))!
  const told = deleted.filter(({ kind, version }) => version > since! && (enumTypes.DeletedMetadataFilters![kind]! & mask) !== 0)
  const keys = [...new Set(told.map(({ kind }): DeletedKind => kind))]
  const idsOf = (key: DeletedKind) => told.filter(({ kind }) => kind === key).map(({ metadataId }) => metadataId)
  return { Count: keys.length, IsReadOnly: false, Keys: keys, Values: keys.map((key) => ({ Items: idsOf(key) })) }
}
