import { keyId, type Table } from '../organization/schema.ts'
import type { KeySeed } from '../organization/seed.ts'
import { label, managed, spoken } from './label.ts'
import type { Resource } from './resource.ts'

/** An alternate key; the index behind it is built in the background (facts sheet "Row addressing and alternate keys"). */
export function keyResource(table: Table, key: KeySeed, now: Date): Resource {
  return {
    type: 'EntityKeyMetadata',
    properties: {
      LogicalName: key.name,
      SchemaName: key.schemaName ?? key.name,
      DisplayName: label(key.displayName ?? spoken(key.schemaName ?? key.name)),
      KeyAttributes: key.columns,
      EntityKeyIndexStatus: indexStatus(key, now),
      EntityLogicalName: table.logicalName,
      IsManaged: table.custom !== true,
      IsCustomizable: managed(true, 'iscustomizable'),
      IsExportKey: false,
      IsSecondaryKey: false,
      IsSynchronous: false,
      IntroducedVersion: '1.0.0.0',
      HasChanged: null,
      MetadataId: keyId(table, key),
    },
    related: { AsyncJob: () => null },
  }
}

function indexStatus({ indexedFrom, failed }: KeySeed, now: Date): string {
  if (indexedFrom !== undefined && now.toISOString() < indexedFrom) return 'Pending'
  return failed ? 'Failed' : 'Active'
}
