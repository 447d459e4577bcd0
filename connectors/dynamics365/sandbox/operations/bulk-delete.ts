import { badPayload, notSupported, WebApiError } from '../error.ts'
import { parseFetch } from '../fetchxml/fetch.ts'
import { textOf } from '../json.ts'
import type { Values } from '../organization/body.ts'
import { createRow, wholeSecond } from '../organization/create.ts'
import { quoted } from '../organization/database.ts'
import { deleteRow } from '../organization/delete.ts'
import type { Caller, Organization } from '../organization/open.ts'
import type { Table } from '../organization/schema.ts'
import { storedMoment } from '../organization/values.ts'
import { requirePrivilege, requireRight } from '../privileges/check.ts'
import { queryContext } from '../query/context.ts'
import { rowsSql } from '../query/rows-sql.ts'
import type { Operation, OperationContext } from './operation.ts'
import { toFetchXml } from './query-expression.ts'

interface Selected {
  table: Table
  id: string
  /** Which of the queries found it. */
  query: number
}

/** The choices `Bulk Delete`, `Completed` and `Succeeded` of the table of jobs. */
const [bulkDeleteType, completed, succeeded] = [13, 3, 30]

/** Runs at once, so that whoever polls the job finds it completed; a row that cannot be deleted is told and the others go (facts sheet "BulkDelete"). */
export const bulkDelete: Operation = {
  name: 'BulkDelete',
  kind: 'action',
  sheet: '11.3',
  about: 'deletes the rows that queries find, as a job',
  parameters: [
    { name: 'QuerySet', type: 'Collection(mscrm.QueryExpression)' },
    { name: 'JobName', type: 'Edm.String' },
    { name: 'SendEmailNotification', type: 'Edm.Boolean' },
    { name: 'ToRecipients', type: 'Collection(mscrm.crmbaseentity)' },
    { name: 'CCRecipients', type: 'Collection(mscrm.crmbaseentity)' },
    { name: 'RecurrencePattern', type: 'Edm.String' },
    { name: 'StartDateTime', type: 'Edm.DateTimeOffset' },
    { name: 'SourceImportId', type: 'Edm.Guid', optional: true },
    { name: 'RunRules', type: 'Edm.Boolean', optional: true },
    { name: 'Options', type: 'mscrm.BulkDeleteOptions', optional: true },
  ],
  returns: [{ name: 'JobId', type: 'Edm.Guid' }],
  run(context) {
    const { call, organization, parameters } = context
    requirePrivilege(organization, call.caller, 'prvBulkDelete')
    refuseLater(organization, parameters)
    const rows = (parameters.QuerySet as Record<string, unknown>[]).flatMap((query, index) => select(context, query, index))
    return { JobId: run(organization, call.caller, String(parameters.JobName), rows) }
  },
}

function refuseLater({ clock }: Organization, { RecurrencePattern, StartDateTime }: Record<string, unknown>): void {
  if (RecurrencePattern !== '') throw notSupported('bulk deletions that recur')
  if (Date.parse(String(StartDateTime)) > clock().getTime()) throw notSupported('bulk deletions that start later')
}

function select({ call, organization }: OperationContext, query: Record<string, unknown>, index: number): Selected[] {
  const table = organization.schema.tables.get(textOf(query.EntityName))
  if (!table) throw badPayload('QueryExpression', `There is no table '${textOf(query.EntityName)}'.`)
  requireRight(organization, call.caller, table, 'Delete')
  const { rows } = parseFetch(organization, table, toFetchXml(query))
  const from = rowsSql(rows, queryContext(organization, call.caller))
  const found = organization.database.all(`select ${rows.alias}.${quoted(table.primaryId)} as id from ${from.sql}`, ...from.values)
  return found.map(({ id }) => ({ table, id: String(id), query: index }))
}

/** @returns the id of the job */
function run(organization: Organization, caller: Caller, name: string, rows: readonly Selected[]): string {
  const started = storedMoment(wholeSecond(organization.clock()))
  const failures = rows.flatMap((row) => tryDelete(organization, caller, row) ?? [])
  const server = { ...caller, server: true as const }
  const create = (table: string, values: Record<string, string | number>): string =>
    createRow(organization, organization.schema.tables.get(table)!, new Map(Object.entries(values)) as Values, server)
  const state = { name, statecode: completed, statuscode: succeeded }
  const job = create('asyncoperation', {
    ...state,
    operationtype: bulkDeleteType,
    messagename: 'BulkDelete',
    startedon: started,
    completedon: storedMoment(wholeSecond(organization.clock())),
    errorcode: 0,
  })
  const operation = create('bulkdeleteoperation', {
    ...state,
    asyncoperationid: job,
    successcount: rows.length - failures.length,
    failurecount: failures.length,
    isrecurring: 0,
  })
  for (const { row, error } of failures)
    create('bulkdeletefailure', {
      asyncoperationid: job,
      bulkdeleteoperationid: operation,
      errordescription: error.message.slice(0, 512),
      errornumber: Number(error.code) | 0,
      orderedqueryindex: row.query,
      regardingobjectrowid: row.id,
      regardingobjecttypecode: row.table.logicalName,
    })
  return job
}

/** A row that went with another one is deleted as well. */
function tryDelete(organization: Organization, caller: Caller, row: Selected): { row: Selected; error: WebApiError } | undefined {
  try {
    deleteRow(organization, row.table, row.id, caller)
    return undefined
  } catch (error) {
    if (!(error instanceof WebApiError)) throw error
    return error.status === 404 ? undefined : { row, error }
  }
}
