import { badQuery, noSuchRow } from '../error.ts'
import type { Table } from '../organization/schema.ts'
import { queryContext } from '../query/context.ts'
import type { Call } from '../webapi/call.ts'
import { otherTable } from './error.ts'

const guid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * The FetchXML of the saved or personal view that a request names, undefined if it names none (facts sheet "Saved and user queries").
 * @throws WebApiError 404 for a view that there is not or that the caller may not see, 0x80041128 for one of another table
 */
export function viewOf(call: Call, table: Table): string | undefined {
  const [saved, personal] = [call.query.get('savedQuery'), call.query.get('userQuery')]
  if (saved !== undefined) return readView(call, table, 'savedquery', saved)
  return personal === undefined ? undefined : readView(call, table, 'userquery', personal)
}

function readView({ organization, caller }: Call, table: Table, kind: 'savedquery' | 'userquery', text: string): string {
  if (!guid.test(text)) throw badQuery(`The value '${text.slice(0, 100)}' is not the id of a view.`)
  const [views, id] = [organization.schema.tables.get(kind)!, text.toLowerCase()]
  const from = queryContext(organization, caller).readable(views)
  const view = organization.database.get(`select v.returnedtypecode, v.fetchxml from ${from} v where v.${views.primaryId} = ?`, id)
  if (!view) throw noSuchRow(views, id)
  if (view.returnedtypecode !== table.logicalName) throw otherTable(table.logicalName, String(view.returnedtypecode))
  return String(view.fetchxml)
}
