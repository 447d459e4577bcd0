import { readFileSync } from 'node:fs'
import type { SeedPart } from '../../../../../connectors/dynamics365/sandbox/organization/seed.ts'

/** The tables `hrb_…`, to be added to an organization with `parts: [harbor]`. */
export const harbor = JSON.parse(readFileSync(new URL('harbor.json', import.meta.url), 'utf8')) as SeedPart
