import type { Organization } from '../organization/open.ts'

/** Rises with every change of the schema (facts sheet "Annotations that can be requested"). */
export const versionAnnotation = 'Microsoft.Dynamics.CRM.globalmetadataversion'

/** The annotation's value: a number as text. */
export function metadataVersion({ metadataVersion: version }: Organization): string {
  return String(version)
}
