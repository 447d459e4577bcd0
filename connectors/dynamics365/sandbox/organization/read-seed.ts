import { readdirSync, readFileSync } from 'node:fs'
import { customApiRows } from './custom-apis.ts'
import { withoutDangling } from './dangling.ts'
import { withFileColumns } from './file-columns.ts'
import { mapRows } from './maps.ts'
import { addPart } from './merge.ts'
import { messageRows } from './messages.ts'
import type { OrganizationSeed, SeedPart } from './seed.ts'

const folder = new URL('../seed/', import.meta.url)

/** The organization as `seed/generate.ts` wrote it, with the system tables of `seed/system/`, which are written by hand. */
export function readSeed(parts: readonly SeedPart[] = []): OrganizationSeed {
  const { ids, rows, tables } = readPart('organization.json') as OrganizationSeed
  const system = readdirSync(new URL('system/', folder))
    .sort()
    .map((name): SeedPart => readPart(`system/${name}`))
  const merged = [...system, ...parts].reduce<OrganizationSeed>(addPart, {
    ids,
    rows,
    tables,
    manyToMany: [],
    customApis: [],
    globalChoices: [],
    duplicateRules: [],
    maps: [],
    notes: [],
  })
  const seed = withoutDangling(merged)
  return withFileColumns({
    ...seed,
    rows: [...seed.rows, ...messageRows(seed.tables), ...mapRows(seed), ...seed.customApis.flatMap(customApiRows)],
  })
}

function readPart(name: string): SeedPart {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as SeedPart
}
