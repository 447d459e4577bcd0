import type { ColumnSeed, Lookup, TableSeed } from '../../organization/seed.ts'

type NewTable = Pick<TableSeed, 'logicalName' | 'schemaName' | 'primaryId' | 'ownership' | 'elastic'>

/** What every table has from the start, beside the columns that it is made with. */
export function standardColumns(table: NewTable): ColumnSeed[] {
  const { primaryId, schemaName, ownership, elastic } = table
  return [
    { name: primaryId, type: 'Uniqueidentifier', schemaName: `${schemaName}Id` },
    ...readOnly('Lookup', 'createdby', 'createdonbehalfby', 'modifiedby', 'modifiedonbehalfby'),
    ...readOnly('DateTime', 'createdon', 'modifiedon'),
    ...readOnly('BigInt', 'versionnumber'),
    { name: 'overriddencreatedon', type: 'DateTime', dateOnly: true },
    { name: 'importsequencenumber', type: 'Integer' },
    { name: 'timezoneruleversionnumber', type: 'Integer' },
    { name: 'utcconversiontimezonecode', type: 'Integer' },
    ...(ownership === 'UserOwned'
      ? [
          { name: 'ownerid', type: 'Owner' as const, required: 'SystemRequired' as const },
          ...readOnly('Lookup', 'owningbusinessunit', 'owningteam', 'owninguser'),
        ]
      : []),
    ...(elastic ? elasticColumns : []),
    ...stateColumns,
  ]
}

function readOnly(type: ColumnSeed['type'], ...names: string[]): ColumnSeed[] {
  return names.map((name) => ({ name, type, readOnly: true }))
}

const elasticColumns: ColumnSeed[] = [
  { name: 'partitionid', type: 'String', maxLength: 1024 },
  { name: 'ttlinseconds', type: 'Integer' },
]

const stateColumns: ColumnSeed[] = [
  {
    name: 'statecode',
    type: 'State',
    required: 'SystemRequired',
    default: 0,
    choices: [
      { value: 0, label: 'Active' },
      { value: 1, label: 'Inactive' },
    ],
  },
  {
    name: 'statuscode',
    type: 'Status',
    default: 1,
    choices: [
      { value: 1, label: 'Active', state: 0 },
      { value: 2, label: 'Inactive', state: 1 },
    ],
  },
]

export function standardLookups({ logicalName, ownership }: NewTable): Lookup[] {
  const user = (column: string): Lookup => ({ column, navigation: column, target: 'systemuser', collection: `lk_${logicalName}_${column}` })
  const users = ['createdby', 'createdonbehalfby', 'modifiedby', 'modifiedonbehalfby'].map(user)
  if (ownership !== 'UserOwned') return users
  return [
    ...users,
    { column: 'ownerid', navigation: 'ownerid', target: 'owner' },
    { column: 'owningbusinessunit', navigation: 'owningbusinessunit', target: 'businessunit', collection: `business_unit_${logicalName}` },
    { column: 'owningteam', navigation: 'owningteam', target: 'team', collection: `team_${logicalName}` },
    { column: 'owninguser', navigation: 'owninguser', target: 'systemuser', collection: `user_${logicalName}` },
  ]
}
