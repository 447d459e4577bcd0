import type { Choice, ColumnPart, ColumnType } from '../../organization/seed.ts'
import { type LabelJson, labelOf } from './label.ts'

/** A column as `Attributes` answers. */
export interface AttributeJson {
  LogicalName: string
  SchemaName?: string
  AttributeType?: string
  AttributeTypeName?: { Value?: string } | null
  AttributeOf?: string | null
  '@odata.type'?: string
  MetadataId?: string
  DisplayName?: LabelJson
  Description?: LabelJson
  IsCustomAttribute?: boolean
  IsValidODataAttribute?: boolean
  IsValidForCreate?: boolean
  IsValidForUpdate?: boolean
  IsValidForRead?: boolean
  RequiredLevel?: { Value?: string }
  MaxLength?: number | null
  FormatName?: { Value?: string } | null
  Format?: string | null
  DateTimeBehavior?: { Value?: string } | null
  MinValue?: number | null
  MaxValue?: number | null
  Precision?: number | null
  MaxSizeInKB?: number | null
  CanStoreFullImage?: boolean
  DefaultFormValue?: number | null
  DefaultValue?: boolean | number | null
  OptionSet?: OptionSetJson | null
  GlobalOptionSet?: OptionSetJson | null
}

export interface OptionSetJson {
  Name?: string
  IsGlobal?: boolean
  Options?: OptionJson[]
  TrueOption?: OptionJson
  FalseOption?: OptionJson
}

export interface OptionJson {
  Value: number
  Label?: LabelJson
  Color?: string | null
  State?: number
}

const columnTypes = new Set<string>(
  `String Memo EntityName Integer BigInt Decimal Double Money Boolean Picklist State Status DateTime Uniqueidentifier Lookup Customer Owner
  Image File MultiSelectPicklist`.split(/\s+/),
)

/** Nothing for a column that only shadows another one, or whose type no row of the Web API has. */
export function columnPart(
  json: AttributeJson,
  { logicalName, primaryId }: { logicalName: string; primaryId: string },
  notes: string[],
): ColumnPart[] {
  const type = typeOf(json)
  if (json.IsValidODataAttribute === false || (json.IsValidODataAttribute === undefined && json.AttributeOf)) return []
  if (!columnTypes.has(type)) {
    notes.push(`${logicalName}.${json.LogicalName} has the type ${type}, which the sandbox lacks, and is left out.`)
    return []
  }
  const required = json.RequiredLevel?.Value
  const isRequired = (required === 'SystemRequired' && json.LogicalName !== primaryId) || required === 'ApplicationRequired'
  return [
    {
      name: json.LogicalName,
      type: type as ColumnType,
      ...defined({
        schemaName: json.SchemaName,
        metadataId: json.MetadataId,
        displayName: labelOf(json.DisplayName),
        description: labelOf(json.Description),
        custom: json.IsCustomAttribute,
        attributeOf: json.AttributeOf,
        required: isRequired ? (required as ColumnPart['required']) : undefined,
        readOnly: json.IsValidForCreate === false && json.IsValidForUpdate === false ? true : undefined,
        writeOnly: json.IsValidForRead === false ? true : undefined,
      }),
      ...ofType(type as ColumnType, json),
    },
  ]
}

/** `Virtual` covers several, which the name of the type tells apart. */
function typeOf({ AttributeType: type, AttributeTypeName: name, '@odata.type': odata }: AttributeJson): string {
  if (type !== undefined && type !== 'Virtual') return type
  const cast = name?.Value?.replace(/Type$/, '') ?? /(\w+)AttributeMetadata$/.exec(odata ?? '')?.[1] ?? 'Virtual'
  return cast === 'UniqueIdentifier' ? 'Uniqueidentifier' : cast
}

function ofType(type: ColumnType, json: AttributeJson): Partial<ColumnPart> {
  switch (type) {
    case 'String':
    case 'Memo': {
      const format = json.FormatName?.Value ?? json.Format ?? undefined
      return defined({ maxLength: json.MaxLength, format: type === 'Memo' || format === 'Text' ? undefined : format })
    }
    case 'Integer':
    case 'Decimal':
    case 'Double':
    case 'Money':
      return defined({ minValue: json.MinValue, maxValue: json.MaxValue, precision: type === 'Integer' ? undefined : json.Precision })
    case 'DateTime':
      return moment(json)
    case 'Image':
    case 'File':
      return defined({ maxSizeInKB: json.MaxSizeInKB, canStoreFullImage: json.CanStoreFullImage || undefined })
    case 'Boolean':
      return { ...yesNo(json.OptionSet), ...defined({ default: json.DefaultValue === true || undefined }) }
    case 'Picklist':
    case 'MultiSelectPicklist':
    case 'State':
    case 'Status':
      return { ...choices(json), ...defined({ default: json.DefaultFormValue === -1 ? undefined : json.DefaultFormValue }) }
    default:
      return {}
  }
}

/** The behavior says what is kept, and is that of moments where it is left out; the format only says what is shown. */
function moment({ DateTimeBehavior: behavior, Format: format }: AttributeJson): Partial<ColumnPart> {
  if (behavior?.Value === 'DateOnly') return { dateOnly: true }
  return {
    ...(behavior?.Value === 'TimeZoneIndependent' && { timeZoneIndependent: true }),
    ...(format === 'DateOnly' && { format }),
  }
}

function yesNo(set: OptionSetJson | null | undefined): Partial<ColumnPart> {
  const [no, yes] = [set?.FalseOption, set?.TrueOption].map((option) => text(option?.Label))
  return no === undefined || yes === undefined ? {} : { labels: [no, yes] }
}

/** Options are there only where the set was expanded. */
function choices({ OptionSet, GlobalOptionSet }: AttributeJson): Partial<ColumnPart> {
  const set = GlobalOptionSet ?? OptionSet
  if (!set?.Options) return {}
  const global = GlobalOptionSet || set.IsGlobal
  return { choices: set.Options.map(choiceOf), ...(global && set.Name && { globalChoice: set.Name }) }
}

export function choiceOf({ Value: value, Label: label, Color: color, State: state }: OptionJson): Choice {
  return { value, label: text(label) ?? String(value), ...defined({ color, state }) }
}

function text(label: LabelJson | undefined): string | undefined {
  return label?.UserLocalizedLabel?.Label ?? label?.LocalizedLabels?.[0]?.Label
}

type Present<T> = { [Name in keyof T]?: NonNullable<T[Name]> }

/** Without what is null or undefined. */
function defined<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value != null)) as Present<T>
}
