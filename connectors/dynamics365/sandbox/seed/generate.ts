/**
 * Writes `organization.json`, the tables of the sandbox's organization, from the recorded metadata in `source/` and from `by-hand.json`.
 * Run by hand after either has changed: `node connectors/dynamics365/sandbox/seed/generate.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type EntityType, type Navigation, parseCsdl } from '../metadata/csdl/read.ts'
import type { ColumnSeed, ColumnType, KeySeed, Lookup, OrganizationSeed, TableSeed } from '../organization/seed.ts'

interface ByHand extends Pick<OrganizationSeed, 'ids' | 'rows'> {
  tables: Record<
    string,
    Pick<TableSeed, 'schemaName' | 'objectTypeCode' | 'primaryName' | 'ownership'> &
      Pick<Partial<TableSeed>, 'primaryId' | 'activity' | 'noMultiple'>
  >
  keys: Record<string, KeySeed[]>
  changeTracking: string[]
  deletedWithParent: string[]
  leaveOut: string[]
  readOnly: string[]
  required: Record<NonNullable<ColumnSeed['required']>, string[]>
  types: Record<string, string[]>
  maxLength: Record<string, number>
  labels: { no: string; yes: string } & Record<string, string | [string, string]>
  choices: Record<string, Record<string, string | [string, number]>>
  defaults: Record<string, string | number | boolean>
}

interface Definition {
  LogicalName: string
  MetadataId: string
  Attributes: { LogicalName: string; SchemaName: string; MetadataId: string }[]
}

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const byHand = JSON.parse(read('by-hand.json')) as ByHand
const csdl = parseCsdl(read('source/crm-small-v8.2.xml'))
const definitions = (JSON.parse(read('source/entity-definitions-v9.json')) as { EntityDefinitions: Definition[] }).EntityDefinitions

/** The text of `organization.json`. */
export function generate(): string {
  return print({ ids: byHand.ids, rows: byHand.rows, tables: Object.keys(byHand.tables).map(buildTable) })
}

if (import.meta.main) writeFileSync(new URL('organization.json', import.meta.url), generate())

function buildTable(logicalName: string): TableSeed {
  const { primaryId, primaryName, schemaName, objectTypeCode, ownership, activity, noMultiple } = byHand.tables[logicalName]!
  const definition = definitions.find((one) => one.LogicalName === logicalName)
  const own = csdl.entityTypes.get(logicalName)!
  const lookups = buildLookups(own)
  return {
    logicalName,
    entitySetName: csdl.entitySets.get(logicalName)!,
    schemaName,
    objectTypeCode,
    primaryId: primaryId ?? withBase(own).flatMap((type) => type.key)[0]!,
    primaryName,
    ownership,
    ...(definition && { metadataId: definition.MetadataId }),
    ...(activity && { activity }),
    ...(noMultiple && { noMultiple }),
    ...(byHand.changeTracking.includes(logicalName) && { changeTracking: true }),
    ...(byHand.keys[logicalName] && { keys: byHand.keys[logicalName] }),
    columns: buildColumns(own, definition, lookups),
    lookups,
  }
}

/** The type and what it inherits from: activities from activitypointer, users and teams from principal. */
function withBase(type: EntityType): EntityType[] {
  const base = csdl.entityTypes.get(type.baseType)
  return base ? [type, ...withBase(base)] : [type]
}

function buildColumns(own: EntityType, definition: Definition | undefined, lookups: Lookup[]): ColumnSeed[] {
  const properties = new Map(
    withBase(own)
      .flatMap((type) => type.properties)
      .map((property) => [property.name, property]),
  )
  // The recorded CSDL lacks the property of one lookup that has a navigation property.
  for (const { column } of lookups)
    if (!properties.has(`_${column}_value`))
      properties.set(`_${column}_value`, { name: `_${column}_value`, type: 'Edm.Guid', readOnly: true })
  const has = (name: string) => properties.has(name)
  return [...properties.values()]
    .map(({ name, type, readOnly }) => buildColumn(own.name, name, type, readOnly, definition, has))
    .filter((column) => !pick(byHand.leaveOut, own.name, column.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function buildColumn(
  table: string,
  property: string,
  edm: string,
  readOnly: boolean,
  definition: Definition | undefined,
  has: (name: string) => boolean,
): ColumnSeed {
  const lookup = /^_(.*)_value$/.exec(property)?.[1]
  const name = lookup ?? property
  const type = columnType(table, name, edm, lookup !== undefined, has)
  const known = definition?.Attributes.find((attribute) => attribute.LogicalName === name)
  const maxLength = byHand.maxLength[`${table}.${name}`] ?? byHand.maxLength[name] ?? byHand.maxLength[type]
  const required = (['SystemRequired', 'ApplicationRequired'] as const).find(
    // Parties of an activity have the column without being owned.
    (level) => pick(byHand.required[level], table, name) && (name !== 'ownerid' || type === 'Owner'),
  )
  const choices = byHand.choices[`${table}.${name}`] ?? byHand.choices[name]
  const labels = byHand.labels[`${table}.${name}`] ?? byHand.labels[name]
  const preset = byHand.defaults[`${table}.${name}`] ?? byHand.defaults[name]
  // Every lookup property is read-only in CSDL, since lookups are written through navigation properties.
  const ignored = (lookup === undefined && readOnly) || pick(byHand.readOnly, table, name)
  return {
    name,
    type,
    ...(known && { schemaName: known.SchemaName, metadataId: known.MetadataId }),
    ...(['String', 'Memo', 'EntityName'].includes(type) && maxLength && { maxLength }),
    ...(ignored && { readOnly: true }),
    ...(required && { required }),
    ...(edm === 'Edm.Date' && { dateOnly: true }),
    ...(['Picklist', 'State', 'Status'].includes(type) && choices && { choices: Object.entries(choices).map(toChoice) }),
    ...(type === 'Boolean' && { labels: Array.isArray(labels) ? labels : [byHand.labels.no, byHand.labels.yes] }),
    ...(preset !== undefined && { default: preset }),
  }
}

function toChoice([value, text]: [string, string | [string, number]]) {
  const [label, state] = [text].flat() as [string, number?]
  return { value: Number(value), label, ...(state !== undefined && { state }) }
}

function columnType(table: string, name: string, edm: string, isLookup: boolean, has: (name: string) => boolean): ColumnType {
  if (name === 'statecode') return 'State'
  if (name === 'statuscode') return 'Status'
  const given = Object.keys(byHand.types).find((type) => pick(byHand.types[type]!, table, name))
  if (given) return given as ColumnType
  if (isLookup) return 'Lookup'
  // A money column has a twin in the base currency.
  if (edm === 'Edm.Decimal') return has(`${name}_base`) || /_base$/.test(name) ? 'Money' : 'Decimal'
  const types: Record<string, ColumnType> = {
    'Edm.String': 'String',
    'Edm.Int32': 'Integer',
    'Edm.Int64': 'BigInt',
    'Edm.Double': 'Double',
    'Edm.Boolean': 'Boolean',
    'Edm.Guid': 'Uniqueidentifier',
    'Edm.Date': 'DateTime',
    'Edm.DateTimeOffset': 'DateTime',
    'Edm.Binary': 'Image',
  }
  const type = types[edm]
  if (!type) throw new Error(`${table}.${name} has the type ${edm}, which no column type stands for. Add it to generate.ts.`)
  return type
}

function buildLookups(own: EntityType): Lookup[] {
  const inherited = withBase(own)
    .slice(1)
    .flatMap((type) => type.navigations.map((one) => toLookup(own, one)))
  const declared = own.navigations.map((one) => toLookup(own, one))
  const isOverridden = (lookup: Lookup) => declared.some((one) => one?.column === lookup.column && one.target === lookup.target)
  return [
    ...declared.filter((lookup) => lookup !== undefined),
    ...inherited
      .filter((lookup) => lookup !== undefined)
      .map((lookup) => (isOverridden(lookup) ? { ...lookup, inherited: true as const } : lookup)),
  ].sort((a, b) => (a.column < b.column || (a.column === b.column && a.navigation < b.navigation) ? -1 : 1))
}

function toLookup(own: EntityType, { name, type, collection, partner, property }: Navigation): Lookup | undefined {
  if (collection || !(type === 'principal' || type in byHand.tables)) return undefined
  const properties = withBase(own).flatMap((one) => one.properties.map((each) => each.name))
  // Activities name no foreign key: `regardingobjectid_account_task` is of `_regardingobjectid_value`.
  const column = property
    ? /^_(.*)_value$/.exec(property)![1]!
    : (name.split('_').find((part) => properties.includes(`_${part}_value`)) ?? name)
  return {
    column,
    navigation: name,
    target: type === 'principal' ? 'owner' : type,
    ...(partner && type !== 'principal' && { collection: partner }),
    ...(byHand.deletedWithParent.includes(`${own.name}.${column}`) && { deletedWithParent: true }),
  }
}

function pick(names: readonly string[], table: string, column: string): boolean {
  return names.includes(column) || names.includes(`${table}.${column}`)
}

/** One column or relationship a line, so that a change shows as one line. */
function print(seed: Omit<OrganizationSeed, 'manyToMany' | 'customApis' | 'globalChoices' | 'duplicateRules' | 'maps' | 'notes'>): string {
  const lines = (list: readonly unknown[]) => `[\n${list.map((one) => `        ${JSON.stringify(one)}`).join(',\n')}\n      ]`
  const printed = seed.tables.map(({ columns, lookups, ...rest }) => {
    const head = Object.entries(rest).map(([name, value]) => `      ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    return `    {\n${[...head, `      "columns": ${lines(columns)}`, `      "lookups": ${lines(lookups)}`].join(',\n')}\n    }`
  })
  return `{\n  "ids": ${JSON.stringify(seed.ids)},\n  "rows": ${JSON.stringify(seed.rows)},\n  "tables": [\n${printed.join(',\n')}\n  ]\n}\n`
}
