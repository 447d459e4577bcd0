import { type Column, globalChoiceId, ownChoiceId, type Table } from '../organization/schema.ts'
import type { Choice, GlobalChoice } from '../organization/seed.ts'
import { label, managed, spoken } from './label.ts'
import type { Definition, Resource } from './resource.ts'

/** The types of columns that have options. */
export const choiceTypes: ReadonlySet<string> = new Set(['Picklist', 'MultiSelectPicklist', 'State', 'Status', 'Boolean', 'EntityName'])

const baseProperties = new Set(
  `Name DisplayName Description IsGlobal IsCustomOptionSet IsManaged OptionSetType ExternalTypeName IsCustomizable IntroducedVersion
  ParentOptionSetName HasChanged MetadataId`.split(/\s+/),
)
const base = { type: 'OptionSetMetadataBase', properties: baseProperties }

/** The options of one column, in the language of the seed. */
export function ownOptionSet(table: Table, column: Column): Resource {
  const name = `${table.logicalName}_${column.name}`
  const common = setProperties(name, ownChoiceId(table, column), false, column.displayName ?? spoken(column.schemaName ?? column.name))
  if (column.type !== 'Boolean') {
    const options = (column.choices ?? []).map(option)
    return { type: 'OptionSetMetadata', base, properties: { ...common, OptionSetType: setType(column), Options: options } }
  }
  const [no = 'No', yes = 'Yes'] = column.labels ?? []
  return {
    type: 'BooleanOptionSetMetadata',
    base,
    properties: {
      ...common,
      OptionSetType: 'Boolean',
      FalseOption: option({ value: 0, label: no }),
      TrueOption: option({ value: 1, label: yes }),
    },
  }
}

/** Options that several columns may share. */
export function globalOptionSet(choice: GlobalChoice): Resource {
  const { name, displayName, choices } = choice
  const common = setProperties(name, globalChoiceId(choice), true, displayName ?? spoken(name))
  return {
    type: 'OptionSetMetadata',
    base,
    properties: {
      ...common,
      OptionSetType: 'Picklist',
      Options: choices.map(option),
    },
  }
}

function setProperties(name: string, id: string, global: boolean, displayName: Parameters<typeof label>[0]): Definition {
  return {
    Name: name,
    DisplayName: label(displayName),
    Description: label(undefined),
    IsGlobal: global,
    IsCustomOptionSet: global,
    IsManaged: false,
    ExternalTypeName: null,
    ParentOptionSetName: null,
    IsCustomizable: managed(true, 'iscustomizable'),
    IntroducedVersion: '1.0.0.0',
    HasChanged: null,
    MetadataId: id,
  }
}

/** A multi-select column has a set like any other. */
function setType({ type }: Column): string {
  return type === 'State' || type === 'Status' ? type : 'Picklist'
}

function option({ value, label: text, state, color }: Choice): Definition {
  return {
    Value: value,
    Color: color ?? null,
    IsManaged: false,
    MetadataId: null,
    HasChanged: null,
    ...(state !== undefined && { State: state }),
    Label: label(text),
    Description: label(undefined),
  }
}
