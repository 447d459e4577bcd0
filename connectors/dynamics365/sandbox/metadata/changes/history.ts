import { type DefinitionKind, definitionChanges } from '../../organization/definition-changes.ts'
import type { Organization } from '../../organization/open.ts'

/** The kinds of definitions whose deletion is reported, as `DeletedMetadataFilters` names them; `Default` is tables. Alternate keys have none. */
export type DeletedKind = 'Default' | 'Attribute' | 'Relationship' | 'OptionSet'

export interface DeletedDefinition {
  metadataId: string
  kind: DeletedKind
  /** Version of the metadata with which it went. */
  version: number
}

/** What became of definitions since the organization was made. */
export interface DefinitionHistory {
  /** Version of the metadata with which a definition came or changed last; 0 for one that is as it was at the start. */
  changedWith(metadataId: string): number
  deleted: readonly DeletedDefinition[]
}

const deletedKinds: Readonly<Partial<Record<DefinitionKind, DeletedKind>>> = {
  Entity: 'Default',
  Attribute: 'Attribute',
  Relationship: 'Relationship',
  OptionSet: 'OptionSet',
}

export function historyOf({ database }: Pick<Organization, 'database'>): DefinitionHistory {
  const changes = definitionChanges(database)
  const versions = new Map(changes.map(({ id, version }) => [id, version]))
  return {
    changedWith: (id) => versions.get(id) ?? 0,
    deleted: changes.flatMap(({ id, kind, version, deleted }) => {
      const told = deletedKinds[kind]
      return deleted && told ? [{ metadataId: id, kind: told, version }] : []
    }),
  }
}
