import type { Database, Stored } from '../organization/database.ts'
import type { WriteEvent } from '../organization/events.ts'
import type { Organization } from '../organization/open.ts'
import { imageTypes } from '../organization/step-rules.ts'

/** A registered step that calls a webhook. */
export interface Step {
  id: string
  name: string
  message: string
  /** Undefined: of every table. */
  table?: string
  /** Columns of an update that count; none: all. */
  columns: string[]
  /** One of `stages` (`organization/step-rules.ts`). */
  stage: number
  images: Image[]
  synchronous: boolean
  deletesJob: boolean
  url: string
  authType: number | null
  authValue: string | null
}

/** A row that a step wants to be shown. */
export interface Image {
  alias: string
  before: boolean
  after: boolean
  /** None: all. */
  columns: string[]
}

const known = new WeakMap<Organization, readonly Step[]>()
const webhook = 8

/** The enabled steps of webhooks, in their order; read again after one of them changed. */
export function stepsOf(organization: Organization): readonly Step[] {
  if (!known.has(organization) || organization.outbox.some(({ table }) => isDefinition(table.logicalName)))
    known.set(organization, readSteps(organization))
  return known.get(organization)!
}

/** After a transaction was taken back, which may have changed the steps. */
export function forgetSteps(organization: Organization): void {
  known.delete(organization)
}

/** Those that a write calls. The tables of steps themselves call none. */
export function matching(steps: readonly Step[], { message, table, values, caller }: WriteEvent): Step[] {
  if (isDefinition(table.logicalName)) return []
  return steps.filter(
    (step) =>
      step.message === message &&
      (step.table === undefined || step.table === table.logicalName) &&
      (message !== 'Update' || step.columns.length === 0 || step.columns.some((column) => values.has(column))) &&
      !bypassed(step, caller),
  )
}

function bypassed({ id, synchronous }: Step, { bypass }: WriteEvent['caller']): boolean {
  if (!bypass) return false
  return bypass.kinds.includes(synchronous ? 'CustomSync' : 'CustomAsync') || bypass.stepIds.includes(id)
}

function isDefinition(table: string): boolean {
  return ['sdkmessageprocessingstep', 'sdkmessageprocessingstepimage', 'serviceendpoint'].includes(table)
}

function readSteps({ database }: Organization): Step[] {
  const sql = `select s.sdkmessageprocessingstepid as id, s.name, m.name as message, f.primaryobjecttypecode as "table",
    s.filteringattributes as columns, s.stage, s.mode, s.asyncautodelete as deletes, e.url, e.authtype, e.authvalue
    from sdkmessageprocessingstep s join serviceendpoint e on e.serviceendpointid = s.eventhandler
    join sdkmessage m on m.sdkmessageid = s.sdkmessageid left join sdkmessagefilter f on f.sdkmessagefilterid = s.sdkmessagefilterid
    where s.statecode = 0 and e.contract = ? and e.url is not null order by s.stage, s.rank, s.createdon, s.sdkmessageprocessingstepid`
  return database.all(sql, webhook).map((row) => ({
    id: String(row.id),
    name: String(row.name ?? ''),
    message: String(row.message),
    ...(row.table != null && { table: String(row.table) }),
    columns: namesIn(row.columns),
    stage: Number(row.stage),
    images: readImages(database, String(row.id)),
    synchronous: row.mode === 0,
    deletesJob: row.deletes === 1,
    url: String(row.url),
    authType: row.authtype == null ? null : Number(row.authtype),
    authValue: row.authvalue == null ? null : String(row.authvalue),
  }))
}

function readImages(database: Database, stepId: string): Image[] {
  const sql = 'select entityalias, imagetype, attributes from sdkmessageprocessingstepimage where sdkmessageprocessingstepid = ?'
  return database.all(sql, stepId).map(({ entityalias, imagetype, attributes }) => ({
    alias: String(entityalias),
    before: imagetype !== imageTypes.after,
    after: imagetype !== imageTypes.before,
    columns: namesIn(attributes),
  }))
}

/** Names between commas. */
function namesIn(text: Stored | undefined): string[] {
  return String(text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
