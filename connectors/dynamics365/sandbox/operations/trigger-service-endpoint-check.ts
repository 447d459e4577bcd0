import { randomUUID } from 'node:crypto'
import { badQuery } from '../error.ts'
import { stages } from '../organization/step-rules.ts'
import { deliver } from '../webhooks/dispatch.ts'
import type { Operation } from './operation.ts'
import { rowParameter } from './rows.ts'

/** Sends a test message to a registered webhook (facts sheet "Service Bus / Event Hub"; that it is unbound is a guess there). */
export const triggerServiceEndpointCheck: Operation = {
  name: 'TriggerServiceEndpointCheck',
  kind: 'action',
  sheet: '18.5',
  about: 'sends a test message to a webhook',
  parameters: [{ name: 'Entity', type: 'mscrm.serviceendpoint' }],
  run({ organization, parameters }) {
    const { id } = rowParameter(organization, parameters.Entity, 'serviceendpoint')
    const sql = 'select name, url, contract, authtype, authvalue from serviceendpoint where serviceendpointid = ?'
    const row = organization.database.get(sql, id)
    if (row?.contract !== 8 || row.url == null) throw badQuery('Only endpoints of webhooks can be checked.')
    const correlationId = randomUUID()
    const step = {
      id,
      name: `Check of ${row.name}`,
      message: 'TriggerServiceEndpointCheck',
      columns: [],
      images: [],
      stage: stages.postOperation,
      synchronous: false,
      deletesJob: false,
      url: String(row.url),
      authType: row.authtype == null ? null : Number(row.authtype),
      authValue: row.authvalue == null ? null : String(row.authvalue),
    }
    const body = { CorrelationId: correlationId, MessageName: step.message, PrimaryEntityName: 'serviceendpoint', PrimaryEntityId: id }
    deliver(organization, step, { correlationId, message: step.message, table: 'serviceendpoint', body })
    return undefined
  },
}
