/** The named types that parameters and results of operations have, beside tables (facts sheet "Parameter literals"). */

/** Members of the enumerations, with their numbers. */
export const enumTypes: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AccessRights: {
    None: 0,
    ReadAccess: 1,
    WriteAccess: 2,
    AppendAccess: 4,
    AppendToAccess: 16,
    CreateAccess: 32,
    DeleteAccess: 65_536,
    ShareAccess: 262_144,
    AssignAccess: 524_288,
  },
  ConditionOperator: Object.fromEntries(
    `Equal NotEqual GreaterThan LessThan GreaterEqual LessEqual Like NotLike In NotIn Between NotBetween Null NotNull`
      .split(' ')
      .map((name, number) => [name, number]),
  ),
  DeletedMetadataFilters: { Default: 1, Attribute: 2, Relationship: 4, Label: 8, OptionSet: 16, All: 31 },
  EndpointAccessType: { Default: 0, Internet: 1, Intranet: 2 },
  EndpointType: { OrganizationService: 0, OrganizationDataService: 1, WebApplication: 2 },
  LogicalOperator: { And: 0, Or: 1 },
  MetadataConditionOperator: { Equals: 0, NotEquals: 1, In: 2, NotIn: 3, GreaterThan: 4, LessThan: 5 },
  OrganizationState: { Enabled: 0, Disabled: 1 },
  TargetFieldType: { All: 0, ValidForCreate: 1, ValidForUpdate: 2, ValidForRead: 3 },
}

/** Enumerations whose members can be combined. */
export const flagTypes: ReadonlySet<string> = new Set(['AccessRights', 'DeletedMetadataFilters'])

const definitionQuery = { Properties: 'mscrm.MetadataPropertiesExpression', Criteria: 'mscrm.MetadataFilterExpression' }

/** Types of the members of complex types; a type that is not named here is a table, `crmbaseentity`, or taken as it comes. */
export const complexTypes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  PrincipalAccess: { Principal: 'mscrm.principal', AccessMask: 'mscrm.AccessRights' },
  EntityRecordCountCollection: {
    Count: 'Edm.Int32',
    IsReadOnly: 'Edm.Boolean',
    Keys: 'Collection(Edm.String)',
    Values: 'Collection(Edm.Int64)',
  },
  QueryExpression: {
    EntityName: 'Edm.String',
    Distinct: 'Edm.Boolean',
    ColumnSet: 'mscrm.ColumnSet',
    Criteria: 'mscrm.FilterExpression',
    TopCount: 'Edm.Int32',
  },
  ColumnSet: { AllColumns: 'Edm.Boolean', Columns: 'Collection(Edm.String)' },
  FilterExpression: {
    FilterOperator: 'mscrm.LogicalOperator',
    Conditions: 'Collection(mscrm.ConditionExpression)',
    Filters: 'Collection(mscrm.FilterExpression)',
  },
  ConditionExpression: { AttributeName: 'Edm.String', Operator: 'mscrm.ConditionOperator', Values: 'Collection(mscrm.Object)' },
  EntityQueryExpression: {
    Properties: 'mscrm.MetadataPropertiesExpression',
    Criteria: 'mscrm.MetadataFilterExpression',
    AttributeQuery: 'mscrm.AttributeQueryExpression',
    RelationshipQuery: 'mscrm.RelationshipQueryExpression',
    KeyQuery: 'mscrm.EntityKeyQueryExpression',
    LabelQuery: 'mscrm.LabelQueryExpression',
  },
  AttributeQueryExpression: definitionQuery,
  RelationshipQueryExpression: definitionQuery,
  EntityKeyQueryExpression: definitionQuery,
  LabelQueryExpression: { FilterLanguages: 'Collection(Edm.Int32)', MissingLabelBehavior: 'Edm.Int32' },
  MetadataPropertiesExpression: { AllProperties: 'Edm.Boolean', PropertyNames: 'Collection(Edm.String)' },
  MetadataFilterExpression: {
    FilterOperator: 'mscrm.LogicalOperator',
    Conditions: 'Collection(mscrm.MetadataConditionExpression)',
    Filters: 'Collection(mscrm.MetadataFilterExpression)',
  },
  MetadataConditionExpression: {
    PropertyName: 'Edm.String',
    ConditionOperator: 'mscrm.MetadataConditionOperator',
    Value: 'mscrm.Object',
  },
  Object: { Type: 'Edm.String', Value: 'Edm.String' },
  DeletedMetadataCollection: {
    Count: 'Edm.Int32',
    IsReadOnly: 'Edm.Boolean',
    Keys: 'Collection(mscrm.DeletedMetadataFilters)',
    Values: 'Collection(mscrm.GuidCollection)',
  },
  GuidCollection: { Items: 'Collection(Edm.Guid)' },
  BulkDeleteOptions: { CanRecoverDeletedRecords: 'Edm.Boolean', RunJobForSandbox: 'Edm.Boolean' },
  EndpointCollection: {
    Count: 'Edm.Int32',
    IsReadOnly: 'Edm.Boolean',
    Keys: 'Collection(mscrm.EndpointType)',
    Values: 'Collection(Edm.String)',
  },
  OrganizationDetail: {
    OrganizationId: 'Edm.Guid',
    FriendlyName: 'Edm.String',
    OrganizationVersion: 'Edm.String',
    EnvironmentId: 'Edm.String',
    UrlName: 'Edm.String',
    UniqueName: 'Edm.String',
    State: 'mscrm.OrganizationState',
    Endpoints: 'mscrm.EndpointCollection',
  },
}

/** Members of an enumeration as their numbers, joined by commas where several may be set. @returns undefined for a name that there is not */
export function enumNumber(type: string, text: string): number | undefined {
  const members = enumTypes[type] ?? {}
  const numbers = text.split(',').map((name) => members[name.trim()])
  return numbers.reduce<number | undefined>((sum, number) => (sum === undefined || number === undefined ? undefined : sum | number), 0)
}
