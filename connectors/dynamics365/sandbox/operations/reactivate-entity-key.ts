import { indexed } from '../metadata/write/key.ts'
import { invalid } from '../metadata/write/refuse.ts'
import { withTable } from '../metadata/write/with-table.ts'
import { redefine } from '../organization/redefine.ts'
import { requirePrivilege } from '../privileges/check.ts'
import type { Operation } from './operation.ts'

/** Builds the index of a key anew, after rows with the same values kept it from being built. */
export const reactivateEntityKey: Operation = {
  name: 'ReactivateEntityKey',
  kind: 'action',
  sheet: '3',
  about: 'builds the index of a failed key anew',
  parameters: [
    { name: 'EntityLogicalName', type: 'Edm.String' },
    { name: 'EntityKeyLogicalName', type: 'Edm.String' },
  ],
  run({ call, organization, parameters: { EntityLogicalName: tableName, EntityKeyLogicalName: keyName } }) {
    requirePrivilege(organization, call.caller, 'prvWriteEntityKey')
    const { definitions } = organization.schema
    const table = definitions.tables.find(({ logicalName }) => logicalName === tableName)
    const key = table?.keys?.find(({ name }) => name === keyName)
    if (!table || !key) throw invalid(`The table '${String(tableName)}' has no key '${String(keyName)}'.`)
    const keys = table.keys!.map((one) => (one === key ? indexed(organization, table, key) : one))
    redefine(organization, withTable(definitions, { ...table, keys }))
    return undefined
  },
}
