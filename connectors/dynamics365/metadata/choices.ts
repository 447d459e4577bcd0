import { ConnectorError } from '../../../runner/connector/index.ts'
import type { WebApi } from '../webapi/client.ts'
import { withQuery } from '../webapi/odata.ts'
import type { Column, Table } from './table.ts'

export interface Choice {
  value: number
  label: string
  /** Of a status: the state it belongs to. */
  state?: number
}

/** Options of choice columns, asked for once per process and column. */
export interface Choices {
  get(table: Table, column: Column): Promise<readonly Choice[]>
}

export function cachedChoices(api: WebApi): Choices {
  const known = new Map<string, Promise<readonly Choice[]>>()
  return {
    get(table, column) {
      const id = `${table.logicalName}.${column.name}`
      let choices = known.get(id)
      if (!choices) {
        choices = readChoices(api, table, column)
        known.set(id, choices)
        choices.catch(() => known.delete(id))
      }
      return choices
    },
  }
}

interface OptionSet {
  Options?: {
    Value: number
    State?: number
    Label?: { UserLocalizedLabel?: { Label?: string } | null; LocalizedLabels?: { Label?: string }[] }
  }[]
}

/** One cast per request (facts sheet "Reading definitions"). */
async function readChoices(api: WebApi, table: Table, column: Column): Promise<readonly Choice[]> {
  const path = `EntityDefinitions(LogicalName='${table.logicalName}')/Attributes(LogicalName='${column.name}')/Microsoft.Dynamics.CRM.${column.type}AttributeMetadata`
  const body = await api.get(
    withQuery(path, { $select: 'LogicalName', $expand: 'OptionSet($select=Options),GlobalOptionSet($select=Options)' }),
  )
  const { Options: options = [] } = ((body.OptionSet ?? body.GlobalOptionSet) as OptionSet | null) ?? {}
  return options.map(({ Value, State, Label }) => ({
    value: Value,
    label: Label?.UserLocalizedLabel?.Label ?? Label?.LocalizedLabels?.[0]?.Label ?? '',
    ...(State !== undefined && { state: State }),
  }))
}

/**
 * The number of the choice with this label.
 * @throws ConnectorError `unknown_choice` when no choice or several bear the label
 */
export function choiceByLabel(choices: readonly Choice[], label: string, table: Table, column: Column): number {
  const found = choices.filter((choice) => choice.label === label)
  if (found.length === 1) return found[0]!.value
  const list = choices.map((choice) => `\`${choice.label}\` (${choice.value})`).join(', ')
  throw new ConnectorError(
    'rejected',
    'unknown_choice',
    `${found.length === 0 ? 'No choice' : 'More than one choice'} of \`${table.logicalName}.${column.name}\` is called \`${label}\`. Use one of ${list}; a number is always a value, a text always a label.`,
  )
}
