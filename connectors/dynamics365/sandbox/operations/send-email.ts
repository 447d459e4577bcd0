import { notSupported, WebApiError } from '../error.ts'
import { updateRow } from '../organization/update.ts'
import type { Operation } from './operation.ts'

/** Nothing leaves the sandbox: the e-mail is marked as sent. */
export const sendEmail: Operation = {
  name: 'SendEmail',
  kind: 'action',
  sheet: '12.5',
  about: 'marks an e-mail as sent',
  binding: { to: 'row', tables: ['email'] },
  parameters: [
    { name: 'IssueSend', type: 'Edm.Boolean' },
    { name: 'TrackingToken', type: 'Edm.String', optional: true },
  ],
  returns: [{ name: 'Subject', type: 'Edm.String' }],
  run({ call, organization, table, id, parameters }) {
    const email = organization.database.get('select subject, statecode from email where activityid = ?', id!)
    if (email?.statecode !== 0) throw new WebApiError(400, '0x80048408', `The e-mail with the id ${id} is not a draft.`)
    if (parameters.IssueSend === false) throw notSupported('SendEmail without IssueSend')
    const values = new Map<string, string | number>([
      ['statecode', 1],
      ['statuscode', 3],
    ])
    updateRow(organization, table!, id!, values, call.caller)
    return { Subject: email.subject ?? null }
  },
}
