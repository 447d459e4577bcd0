import type { Organization } from './open.ts'

/** Delta tokens given so far count as expired; later ones, even without a write in between, are good. */
export function expireDeltaTokens(organization: Organization): void {
  organization.oldestDeltaVersion = ++organization.version
}
