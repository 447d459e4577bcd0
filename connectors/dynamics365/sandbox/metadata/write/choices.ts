import { globalChoiceId, globalChoicesOf } from '../../organization/schema.ts'
import type { Definitions, GlobalChoice } from '../../organization/seed.ts'
import { choiceOf, type OptionJson, type OptionSetJson } from '../load/column.ts'
import type { LabelJson } from '../load/label.ts'
import { checkProperties, customSchemaName, type DefinitionBody, declaredType, isObject, listOf, numberOf, textOf } from './body.ts'
import { mergedLabels, sentLabel, sentLabels } from './labels.ts'
import { optionSetProperties } from './properties.ts'
import { exists, inUse, invalid } from './refuse.ts'

/** Options without a value get one that begins with the digits of the default publisher. */
const firstValue = 100_000_000

/** The options in a body. @throws WebApiError 400 */
export function sentOptionSet(set: DefinitionBody): OptionSetJson {
  checkProperties(set, 'OptionSetMetadata', optionSetProperties)
  const name = textOf(set, 'Name')
  const [yes, no] = [set.TrueOption, set.FalseOption]
  return {
    ...(name !== undefined && { Name: name }),
    Options: sentOptions(set),
    ...(isObject(yes) && { TrueOption: option(yes, 1) }),
    ...(isObject(no) && { FalseOption: option(no, 0) }),
  }
}

function sentOptions(set: DefinitionBody): OptionJson[] {
  const options: OptionJson[] = []
  for (const one of listOf(set, 'Options')) {
    const next = Math.max(firstValue - 1, ...options.map(({ Value: value }) => value)) + 1
    const made = option(one, next)
    if (options.some(({ Value: value }) => value === made.Value)) throw invalid(`The option value ${made.Value} is there twice.`)
    options.push(made)
  }
  return options
}

function option(body: DefinitionBody, preset: number): OptionJson {
  const value = numberOf(body, 'Value') ?? preset
  if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31) throw invalid(`The option value ${value} is not a whole number of 32 bits.`)
  if (sentLabel(body, 'Label') === undefined) throw invalid(`The option ${value} has no Label.`)
  const color = textOf(body, 'Color')
  return { Value: value, Label: body.Label as LabelJson, ...(color !== undefined && { Color: color }) }
}

/** A choice that columns of several tables may use. @throws WebApiError 400 */
export function newGlobalChoice(definitions: Definitions, body: DefinitionBody, metadataId: string): GlobalChoice {
  declaredType(body, ['OptionSetMetadata'])
  checkProperties(body, 'OptionSetMetadata', optionSetProperties)
  const name = customSchemaName(body, 'Name').toLowerCase()
  if (globalChoicesOf(definitions).has(name)) throw exists('An option set', name)
  const { displayName } = sentLabels(body)
  return { name, metadataId, choices: sentOptions(body).map(choiceOf), ...(displayName !== undefined && { displayName }) }
}

/** Its name and options stay. */
export function changedGlobalChoice(choice: GlobalChoice, body: DefinitionBody, merge: boolean): GlobalChoice {
  checkProperties(body, 'OptionSetMetadata', optionSetProperties)
  const { displayName: before, ...rest } = choice
  const { displayName } = mergedLabels(before === undefined ? {} : { displayName: before }, sentLabels(body), merge)
  return { ...rest, ...(displayName !== undefined && { displayName }) }
}

/** @throws WebApiError 0x8004f01f while a column uses it */
export function withoutGlobalChoice(definitions: Definitions, choice: GlobalChoice): Definitions {
  const users = definitions.tables.flatMap(({ logicalName, columns }) =>
    columns.filter(({ globalChoice }) => globalChoice === choice.name).map(({ name }) => `${logicalName}.${name}`),
  )
  if (users.length > 0) throw inUse('OptionSet', globalChoiceId(choice), users)
  return { ...definitions, globalChoices: definitions.globalChoices.filter((one) => one !== choice) }
}

/** The choice behind an address such as `/GlobalOptionSetDefinitions(<id>)`. @throws WebApiError 400 */
export function globalChoiceAt(definitions: Definitions, address: unknown): GlobalChoice {
  const [, name, id] = /GlobalOptionSetDefinitions\((?:Name='([^']*)'|(?:MetadataId=)?([0-9a-f-]{36}))\)$/i.exec(String(address)) ?? []
  const found = [...globalChoicesOf(definitions).values()].find((one) =>
    name === undefined ? globalChoiceId(one) === id?.toLowerCase() : one.name === name,
  )
  if (!found) throw invalid(`There is no global choice at '${String(address)}'.`)
  return found
}
