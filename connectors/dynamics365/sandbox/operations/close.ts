import { WebApiError } from '../error.ts'
import { fromBody, type Values } from '../organization/body.ts'
import { createRow } from '../organization/create.ts'
import { quoted } from '../organization/database.ts'
import type { Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { write } from '../organization/write.ts'
import type { Operation, OperationContext } from './operation.ts'
import { typeOf } from './rows.ts'

/** The row that is closed, the activity that records it, and the state that it comes to. */
interface Close {
  name: string
  about: string
  table: string
  activity: string
  /** Parameter that holds the activity. */
  parameter: string
  state: number
}

export const closeIncident = closing({
  name: 'CloseIncident',
  about: 'closes a case as resolved',
  table: 'incident',
  activity: 'incidentresolution',
  parameter: 'IncidentResolution',
  state: 1,
})

export const winOpportunity = closing({
  name: 'WinOpportunity',
  about: 'closes an opportunity as won',
  table: 'opportunity',
  activity: 'opportunityclose',
  parameter: 'OpportunityClose',
  state: 1,
})

export const loseOpportunity = closing({
  name: 'LoseOpportunity',
  about: 'closes an opportunity as lost',
  table: 'opportunity',
  activity: 'opportunityclose',
  parameter: 'OpportunityClose',
  state: 2,
})

/** Status -1 stands for the state's default one. */
function closing(close: Close): Operation {
  return {
    name: close.name,
    kind: 'action',
    sheet: '12.5',
    about: close.about,
    parameters: [
      { name: close.parameter, type: `mscrm.${close.activity}` },
      { name: 'Status', type: 'Edm.Int32' },
    ],
    run: (context) => run(close, context),
  }
}

function run(close: Close, { call, organization, parameters }: OperationContext): undefined {
  const { caller } = call
  const values = parameters[close.parameter] as Record<string, unknown>
  const activity = typeOf(organization, values, close.activity)
  const table = organization.schema.tables.get(close.table)!
  write(organization, () => {
    const record = fromBody(organization, activity, values)
    const id = record.get(table.primaryId)
    if (typeof id !== 'string') throw missing(close, table)
    const row = organization.database.get(`select statecode from ${quoted(table.logicalName)} where ${quoted(table.primaryId)} = ?`, id)
    if (row?.statecode !== 0)
      throw new WebApiError(400, '0x80048408', `The ${table.logicalName} with the id ${id} is not open and cannot be closed.`)
    record.set('statecode', 1)
    createRow(organization, activity, record, caller)
    updateRow(organization, table, id, closed(close, table, record, Number(parameters.Status)), caller)
  })
  return undefined
}

function closed({ state }: Close, table: Table, record: Values, status: number): Values {
  const values: Values = new Map([['statecode', state]])
  if (status !== -1) values.set('statuscode', status)
  for (const [column, from] of [
    ['actualvalue', 'actualrevenue'],
    ['actualclosedate', 'actualend'],
  ] as const) {
    const value = record.get(from)
    if (value == null || !table.columns.has(column)) continue
    values.set(column, table.columns.get(column)!.dateOnly ? String(value).slice(0, 10) : value)
  }
  return values
}

function missing({ parameter }: Close, table: Table): WebApiError {
  return new WebApiError(400, '0x80040200', `The parameter '${parameter}' must name the row with '${table.primaryId}@odata.bind'.`)
}
