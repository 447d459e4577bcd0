import { WebApiError } from '../error.ts'
import { isTarget, type JsonObject, resolve } from '../organization/body.ts'
import type { Organization } from '../organization/open.ts'
import { type Column, ownerTables, type Table } from '../organization/schema.ts'
import { isGuid } from '../organization/values.ts'

const bindSuffix = '@odata.bind'
const typeSuffix = '@Microsoft.Dynamics.CRM.lookuplogicalname'

/**
 * Rows are also taken as the Web API answers them: an id in `_x_value` binds the lookup, with the table that the annotation beside it names.
 * @throws WebApiError 400 for what is no id, or where several tables come into question
 */
export function bindIds({ schema }: Organization, table: Table, body: JsonObject): JsonObject {
  const entries = Object.entries(body).map(([name, value]): [string, unknown][] => {
    const column = table.properties.get(name)
    if (!column?.isLookup) return [[name, value]]
    if (value === null || column.readOnly) return []
    if (!isGuid(value)) throw new WebApiError(400, '0x80048d19', `\`${name}\` must be the id of a row.`)
    const target = schema.tables.get(targetOf(column, name, body[`${name}${typeSuffix}`]))!
    const lookup = column.lookups.find((one) => isTarget(one, target))!
    return [[`${lookup.navigation}${bindSuffix}`, `/${target.entitySetName}(${value})`]]
  })
  return Object.fromEntries(entries.flat())
}

function targetOf({ lookups }: Column, name: string, told: unknown): string {
  const targets = lookups.flatMap(({ target }) => (target === 'owner' ? ownerTables : [target]))
  if (told === undefined && targets.length === 1) return targets[0]!
  const target = targets.find((one) => one === told)
  if (target !== undefined) return target
  throw new WebApiError(400, '0x80048d19', `\`${name}${typeSuffix}\` must tell the table of the row: ${targets.join(', ')}.`)
}

/** The body without lookups whose rows are not there yet, and those lookups: they may lead to rows that come later. */
export function withoutMissing(organization: Organization, table: Table, body: JsonObject): { now: JsonObject; later: JsonObject } {
  const isLater = ([name, value]: [string, unknown]) => (isMissing(organization, table, name, value) ? 'later' : 'now')
  const { now = [], later = [] } = Object.groupBy(Object.entries(body), isLater)
  return { now: Object.fromEntries(now), later: Object.fromEntries(later) }
}

function isMissing(organization: Organization, table: Table, name: string, value: unknown): boolean {
  if (!name.endsWith(bindSuffix) || !table.navigations.has(name.slice(0, -bindSuffix.length)) || typeof value !== 'string') return false
  try {
    resolve(organization, value, name, () => true)
    return false
  } catch (error) {
    return error instanceof WebApiError && error.status === 404
  }
}
