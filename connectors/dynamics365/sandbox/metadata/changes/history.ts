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
