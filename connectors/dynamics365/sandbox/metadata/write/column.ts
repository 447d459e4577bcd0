import { companions } from '../../organization/file-columns.ts'
import { globalChoicesOf } from '../../organization/schema.ts'
import type { ColumnSeed, ColumnType, Definitions, GlobalChoice, TableSeed } from '../../organization/seed.ts'
import { type AttributeJson, columnPart } from '../load/column.ts'
import { checkProperties, customSchemaName, type DefinitionBody, declaredType, isObject, numberOf, textOf, typeIn } from './body.ts'
import { globalChoiceAt, sentOptionSet } from './choices.ts'
import { mergedLabels, sentLabels } from './labels.ts'
import { checkLimits } from './limits.ts'
import { columnProperties } from './properties.ts'
import { columnExists, invalid } from './refuse.ts'

/** Lookups come with their relationship, states and statuses with their table. */
const creatable: Readonly<Record<string, ColumnType>> = {
  StringAttributeMetadata: 'String',
  MemoAttributeMetadata: 'Memo',
  IntegerAttributeMetadata: 'Integer',
  BigIntAttributeMetadata: 'BigInt',
  DecimalAttributeMetadata: 'Decimal',
  DoubleAttributeMetadata: 'Double',
  MoneyAttributeMetadata: 'Money',
  BooleanAttributeMetadata: 'Boolean',
  DateTimeAttributeMetadata: 'DateTime',
  PicklistAttributeMetadata: 'Picklist',
  MultiSelectPicklistAttributeMetadata: 'MultiSelectPicklist',
  ImageAttributeMetadata: 'Image',
  FileAttributeMetadata: 'File',
}

const presets: Partial<Record<ColumnType, Partial<ColumnSeed>>> = {
  String: { maxLength: 100 },
  Memo: { maxLength: 2000 },
  Decimal: { precision: 2 },
  Double: { precision: 2 },
  Money: { precision: 2 },
  File: { maxSizeInKB: 32_768 },
  Image: { maxSizeInKB: 10_240 },
}

/**
 * A column that does not exist yet (facts sheet "Writing definitions").
 * @throws WebApiError 400
 */
export function newColumn(
  definitions: Definitions,
  table: Pick<TableSeed, 'logicalName' | 'primaryId'>,
  body: DefinitionBody,
  id: string,
): ColumnSeed {
  const type = declaredType(body, Object.keys(creatable))
  checkProperties(body, type, columnProperties)
  const hasOptions = type === 'PicklistAttributeMetadata' || type === 'MultiSelectPicklistAttributeMetadata'
  const schemaName = customSchemaName(body)
  const name = schemaName.toLowerCase()
  const global = body['GlobalOptionSet@odata.bind']
  const shared = () => (global === undefined ? sharedChoice(definitions, body) : globalChoiceAt(definitions, global))
  const choice = hasOptions ? shared() : undefined
  const sent = sentColumn({ ...body, SchemaName: schemaName, LogicalName: name }, creatable[type]!, table)
  const column: ColumnSeed = {
    ...sent,
    metadataId: id,
    custom: true,
    ...(choice && { globalChoice: choice.name, choices: choice.choices }),
  }
  checkLimits(column)
  return column
}

/** A set in the body that is said to be global names one that exists. */
function sharedChoice(definitions: Definitions, { OptionSet: set }: DefinitionBody): GlobalChoice | undefined {
  if (!isObject(set) || set.IsGlobal !== true) return undefined
  const found = globalChoicesOf(definitions).get(String(set.Name))
  if (!found) throw invalid(`There is no global choice with the name '${String(set.Name)}'.`)
  return found
}

/** What a body says of a column, with what its type has where the body does not say. */
function sentColumn(body: DefinitionBody, type: ColumnType, table: Pick<TableSeed, 'logicalName' | 'primaryId'>): ColumnSeed {
  const json = { ...checked(body), AttributeType: type, IsValidODataAttribute: true } as AttributeJson
  const [column] = columnPart(json, table, [])
  return { ...presets[type], ...column!, ...sentLabels(body) }
}

const numbers = ['MaxLength', 'MinValue', 'MaxValue', 'Precision', 'MaxSizeInKB', 'DefaultFormValue']

/** The values that are looked at, in the form that they must have. @throws WebApiError 400 */
function checked(body: DefinitionBody): Partial<AttributeJson> {
  const texts = ['LogicalName', 'SchemaName', 'Format'].map((name) => [name, textOf(body, name)])
  const figures = numbers.map((name) => [name, numberOf(body, name)])
  const valued = ['FormatName', 'DateTimeBehavior', 'RequiredLevel'].map((name) => [name, settingOf(body, name)])
  const given = Object.fromEntries([...texts, ...figures, ...valued].filter(([, value]) => value !== undefined))
  const { OptionSet } = body
  return {
    ...given,
    CanStoreFullImage: body.CanStoreFullImage === true,
    DefaultValue: body.DefaultValue === true,
    ...(isObject(OptionSet) && OptionSet.IsGlobal !== true && { OptionSet: sentOptionSet(OptionSet) }),
  }
}

/** Settings that a solution may lock, and enumerations that grew out of others, stand in an object with `Value`. */
function settingOf(body: DefinitionBody, name: string): { Value?: string } | undefined {
  const setting = body[name]
  if (setting === undefined || setting === null) return undefined
  if (!isObject(setting)) throw invalid(`${name} must be an object with a Value.`)
  const value = textOf(setting, 'Value')
  return value === undefined ? {} : { Value: value }
}

/**
 * A column as a complete definition says it shall be; what it is called, its type and its options stay.
 * @throws WebApiError 400 for another type
 */
export function changedColumn(column: ColumnSeed, table: TableSeed, body: DefinitionBody, merge: boolean): ColumnSeed {
  const type = typeIn(body)
  checkProperties(body, type || 'AttributeMetadata', columnProperties)
  if (type !== '' && (creatable[type] ?? column.type) !== column.type)
    throw invalid(`The column ${column.name} is of the type ${column.type}, which cannot be changed to ${creatable[type]}.`)
  const { name, schemaName, metadataId, attributeOf, custom, readOnly, writeOnly, choices, globalChoice, labels } = column
  const sent = sentColumn({ ...body, LogicalName: name }, column.type, table)
  const { displayName: _, description: __, choices: ___, globalChoice: ____, labels: _____, ...changed } = sent
  const kept = { schemaName, metadataId, attributeOf, custom, readOnly, writeOnly, choices, globalChoice, labels }
  const made: ColumnSeed = {
    // A row always has a state.
    ...(isState(column) && column.default !== undefined && { default: column.default }),
    ...changed,
    ...(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as Partial<ColumnSeed>),
    ...mergedLabels(column, sent, merge),
    name,
    type: column.type,
  }
  checkLimits(made, column)
  refuseOtherDays(table, column, made)
  return made
}

function isState({ type }: ColumnSeed): boolean {
  return type === 'State' || type === 'Status'
}

/**
 * Only moments can become something else ("Behavior and format of the Date and Time column" of the guide for makers); of values in a key,
 * two that differ could become the same day.
 * @throws WebApiError 400
 */
function refuseOtherDays({ logicalName, keys = [] }: TableSeed, before: ColumnSeed, after: ColumnSeed): void {
  if (before.dateOnly === after.dateOnly && before.timeZoneIndependent === after.timeZoneIndependent) return
  const { name } = before
  if (before.dateOnly || before.timeZoneIndependent)
    throw invalid(`The DateTimeBehavior of the column ${name} of ${logicalName} cannot change.`)
  if (after.dateOnly && keys.some(({ columns }) => columns.includes(name)))
    throw invalid(`The column ${name} of ${logicalName} belongs to a key, so its DateTimeBehavior cannot change.`)
}

/** A table with a column more, and what the column brings along. @throws WebApiError 400 where it has one of them already */
export function withColumn(table: TableSeed, column: ColumnSeed): TableSeed {
  const taken = (name: string) => table.columns.some((one) => one.name === name)
  const own = [column, ...followersOf(column)]
  for (const { name, schemaName = name } of own)
    if (taken(name) || table.lookups.some(({ navigation }) => navigation === name)) throw columnExists(schemaName, table.logicalName)
  const added = [...own, ...(column.type === 'Money' ? currencyColumns.filter(({ name }) => !taken(name)) : [])]
  const needsCurrency = added.some(({ name }) => name === 'transactioncurrencyid')
  return {
    ...table,
    columns: [...table.columns, ...added],
    ...(column.type === 'Image' && !table.primaryImage && { primaryImage: column.name }),
    ...(needsCurrency && { lookups: [...table.lookups, currencyLookup(table)] }),
  }
}

/** What comes and goes with a column: an amount has a twin in the currency of the organization (facts sheet "Data types on the wire"). */
export function followersOf(column: ColumnSeed): ColumnSeed[] {
  const { name, schemaName = name, type, precision = 2, custom } = column
  if (type !== 'Money') return companions(column)
  return [{ name: `${name}_base`, type, schemaName: `${schemaName}_Base`, readOnly: true, precision, ...(custom && { custom }) }]
}

/** The amounts of a row share its currency. */
const currencyColumns: ColumnSeed[] = [
  { name: 'exchangerate', type: 'Decimal', readOnly: true, precision: 12 },
  { name: 'transactioncurrencyid', type: 'Lookup' },
]

function currencyLookup({ logicalName, schemaName }: TableSeed): TableSeed['lookups'][number] {
  const collection = `TransactionCurrency_${schemaName}`
  return {
    column: 'transactioncurrencyid',
    navigation: 'transactioncurrencyid',
    target: 'transactioncurrency',
    collection,
    schemaName: `${collection}_${logicalName}`,
  }
}
