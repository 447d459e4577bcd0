import { WebApiError } from '../error.ts'
import type { Values } from '../organization/body.ts'
import { createRow } from '../organization/create.ts'
import { quoted } from '../organization/database.ts'
import { mappedValues } from '../organization/maps.ts'
import { typeColumn } from '../organization/tables.ts'
import { updateRow } from '../organization/update.ts'
import { write } from '../organization/write.ts'
import type { Operation, OperationContext } from './operation.ts'

/** Makes an account, a contact and an opportunity of a lead by the maps of the tables, as asked for, and closes the lead as qualified. */
export const qualifyLead: Operation = {
  name: 'QualifyLead',
  kind: 'action',
  sheet: '12.5',
  about: 'makes other rows of a lead and closes it',
  binding: { to: 'row', tables: ['lead'] },
  parameters: [
    { name: 'CreateAccount', type: 'Edm.Boolean' },
    { name: 'CreateContact', type: 'Edm.Boolean' },
    { name: 'CreateOpportunity', type: 'Edm.Boolean' },
    { name: 'Status', type: 'Edm.Int32' },
  ],
  returns: 'Collection(mscrm.crmbaseentity)',
  run: (context) => ({ value: write(context.organization, () => qualify(context)) }),
}

function qualify({ call, organization, table, id, parameters }: OperationContext): Record<string, unknown>[] {
  const { schema, database } = organization
  const lead = database.get(`select * from ${quoted('lead')} where leadid = ?`, id!)
  if (lead?.statecode !== 0) throw new WebApiError(400, '0x80048408', `The lead with the id ${id} is not open.`)
  const make = (name: 'account' | 'contact' | 'opportunity', more: [string, string][] = []): string => {
    const target = schema.tables.get(name)!
    const values: Values = new Map([...(mappedValues(organization, table!, id!, target) ?? []), ...more])
    return createRow(organization, target, values, call.caller)
  }
  const made: Record<string, unknown>[] = []
  const add = (name: string, key: string) =>
    made.push({ '@odata.type': `#Microsoft.Dynamics.CRM.${name}`, [schema.tables.get(name)!.primaryId]: key })
  const account = parameters.CreateAccount ? make('account') : undefined
  if (account) add('account', account)
  const parent = typeColumn(schema.tables.get('contact')!.columns.get('parentcustomerid')!)
  const contact = parameters.CreateContact
    ? make(
        'contact',
        account
          ? [
              ['parentcustomerid', account],
              [parent, 'account'],
            ]
          : [],
      )
    : undefined
  if (contact) add('contact', contact)
  const customer = typeColumn(schema.tables.get('opportunity')!.columns.get('customerid')!)
  const [customerId, customerTable] = account ? [account, 'account'] : [contact, 'contact']
  if (parameters.CreateOpportunity)
    add(
      'opportunity',
      make(
        'opportunity',
        customerId
          ? [
              ['customerid', customerId],
              [customer, customerTable],
            ]
          : [],
      ),
    )
  const status = Number(parameters.Status)
  const values: Values = new Map([['statecode', 1]])
  if (status !== -1) values.set('statuscode', status)
  updateRow(organization, table!, id!, values, call.caller)
  return made
}
