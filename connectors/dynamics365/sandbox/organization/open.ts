import { randomBytes } from 'node:crypto'
import { allPrivileges, type PrivilegeRule, type Privileges, setPrivileges } from '../privileges/rules.ts'
import { defaultSwitches, type Switches, setSwitches } from '../switches.ts'
import { Database, quoted } from './database.ts'
import { definitionTables, lastChange, storedDefinitions } from './definition-changes.ts'
import type { WriteEvent } from './events.ts'
import { contentTables } from './file-content.ts'
import { readSeed } from './read-seed.ts'
import { buildSchema, type Schema, stableId } from './schema.ts'
import type { OrganizationSeed, SeedPart } from './seed.ts'
import { createSeedRow } from './seed-row.ts'
import { tableDefinition } from './tables.ts'

export interface OrganizationOptions {
  /** Where rows are kept; in memory when left out. */
  file?: string
  clock?: () => Date
  /** How long a delta token is good for; `ExpireChangeTrackingInDays`, default 7. */
  changeTrackingDays?: number
  /** Tables, rows and relationships beside those that every sandbox has. */
  parts?: readonly SeedPart[]
  switches?: Record<string, unknown>
  /** What users may not do; by default everyone may do everything. */
  privileges?: readonly PrivilegeRule[]
  /** Adds rows to a new organization, which comes into being with all of them or not at all; not called for a file that has rows. */
  fill?: (organization: Organization) => void
}

export interface Organization {
  /** A new one after each change of definitions. */
  schema: Schema
  readonly database: Database
  readonly clock: () => Date
  /** `ExpireChangeTrackingInDays` of the row in `organizations`. */
  readonly changeTrackingDays: number
  readonly switches: Switches
  readonly privileges: Privileges
  /** Signs skip tokens, so that a tampered one is found; kept with the rows, so that a token outlives a restart. */
  readonly secret: string
  /** Rows written so far, those of failed requests included. */
  writtenRows: number
  /** What was written since the last answer: whoever is registered for it is told when it is sure to stay. */
  readonly outbox: WriteEvent[]
  /** Set while a request waits for a synchronous step with its transaction open; the others wait for it. */
  held: Promise<void> | undefined
  /** Row version of the latest change. */
  version: number
  /** Row versions given out to writes that have not taken effect yet. */
  readonly pending: Set<number>
  /** Rises with every change of the schema. */
  readonly metadataVersion: number
  close(): void
}

/** Who writes. */
export interface Caller {
  userId: string
  /** The user who called for `userId`, where that is another one. */
  onBehalfOf?: string
  /** The server itself, in the name of `userId`: privileges are not asked for. */
  server?: true
  /** Registered steps that shall not run (facts sheet "`MSCRM.*` headers"): those of a kind, and those with these ids in lower case. */
  bypass?: { kinds: readonly StepKind[]; stepIds: readonly string[] }
  /** Given to registered steps as the shared variable `tag`. */
  tag?: string
}

/** Synchronous and asynchronous logic of customers. */
export type StepKind = 'CustomSync' | 'CustomAsync'

/** Raised when values are stored differently than before, so that files written until then are refused. */
const storage = 2

/**
 * Opens the sandbox's organization; a new one gets the tables and the first rows of `seed/organization.json`.
 * @throws Error when the file was written for other tables; what `fill` throws
 */
export function openOrganization(options: OrganizationOptions = {}): Organization {
  const seed = readSeed(options.parts)
  const database = new Database(options.file ?? ':memory:')
  let secret: string | undefined
  const organization: Organization = {
    schema: buildSchema(seed),
    database,
    clock: options.clock ?? (() => new Date()),
    get changeTrackingDays() {
      return Number(database.get('select expirechangetrackingindays as days from organization')?.days)
    },
    switches: defaultSwitches(),
    privileges: allPrivileges(),
    get secret() {
      secret ??= String(database.get('select secret from sandbox')?.secret)
      return secret
    },
    version: 1_000_000,
    writtenRows: 0,
    outbox: [],
    held: undefined,
    pending: new Set(),
    get metadataVersion() {
      return lastChange(database)
    },
    close: () => database.close(),
  }
  try {
    prepare(organization, seed, options)
  } catch (error) {
    database.close()
    throw error
  }
  return organization
}

function prepare(organization: Organization, seed: OrganizationSeed, options: OrganizationOptions): void {
  const { database } = organization
  setSwitches(organization.switches, options.switches ?? {})
  const design = stableId(JSON.stringify([storage, seed.tables, seed.manyToMany]))
  if (isWritten(organization, design, options.file)) {
    const redefined = storedDefinitions(database)
    if (redefined) organization.schema = buildSchema(redefined)
    organization.version = latestVersion(organization)
  } else
    database.transaction(() => {
      createTables(organization, design)
      for (const row of seed.rows) createSeedRow(organization, row)
      options.fill?.(organization)
    })
  setPrivileges(organization, options.privileges ?? [])
  if (options.changeTrackingDays !== undefined)
    database.run('update organization set expirechangetrackingindays = ?', options.changeTrackingDays)
  organization.outbox.length = 0
}

/** @throws Error when the database was made for other tables */
function isWritten({ database }: Organization, design: string, file: string | undefined): boolean {
  database.exec('create table if not exists sandbox (design text not null, secret text not null)')
  const written = database.get('select design from sandbox')?.design
  if (written === undefined || written === design) return written === design
  throw new Error(`The file ${file} was written by a sandbox with other tables. Delete it, or name another file.`)
}

function createTables({ database, schema }: Organization, design: string): void {
  for (const table of schema.tables.values()) database.exec(tableDefinition(table))
  database.exec(contentTables)
  database.exec(definitionTables)
  database.exec('create table deleted (version integer primary key, "table" text not null, id text not null)')
  database.exec('create index deleted_by_table on deleted ("table", version)')
  database.run('insert into sandbox values (?, ?)', design, randomBytes(32).toString('hex'))
}

function latestVersion({ database, schema }: Organization): number {
  const tables = [...schema.tables.values()].map(({ logicalName }) => `select max(versionnumber) as version from ${quoted(logicalName)}`)
  return Number(
    database.get(`select max(version) as version from (${tables.join(' union all ')} union all select max(version) from deleted)`)
      ?.version ?? 1_000_000,
  )
}
