import type { Label } from '../../organization/seed.ts'
import { userLanguage } from '../label.ts'
import { type LabelJson, labelOf } from '../load/label.ts'
import { type DefinitionBody, isObject, listOf } from './body.ts'
import { invalid } from './refuse.ts'

/**
 * A label of a body; undefined where it has no text.
 * @throws WebApiError 400 for what is no label
 */
export function sentLabel(body: DefinitionBody, name: string): Label | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) throw invalid(`${name} must be a Label with LocalizedLabels.`)
  for (const { Label: text, LanguageCode: code } of listOf(value, 'LocalizedLabels'))
    if (typeof text !== 'string' || !Number.isInteger(code))
      throw invalid(`Each of the LocalizedLabels of ${name} has a Label and a LanguageCode.`)
  return labelOf({ LocalizedLabels: value.LocalizedLabels as NonNullable<LabelJson['LocalizedLabels']> })
}

type Texts = { displayName?: Label; displayCollectionName?: Label; description?: Label }

const textProperties = { displayName: 'DisplayName', displayCollectionName: 'DisplayCollectionName', description: 'Description' } as const

/** The labels that a definition has, those without text left out. @throws WebApiError 400 */
export function sentLabels(body: DefinitionBody): Texts {
  return eachLabel((name) => sentLabel(body, textProperties[name]))
}

/** What a definition is called after its labels were sent anew. */
export function mergedLabels(before: Texts, sent: Texts, merge: boolean): Texts {
  return eachLabel((name) => mergedLabel(before[name], sent[name], merge))
}

function eachLabel(of: (name: keyof Texts) => Label | undefined): Texts {
  const names = Object.keys(textProperties) as (keyof Texts)[]
  return Object.fromEntries(names.map((name) => [name, of(name)] as const).filter(([, label]) => label !== undefined))
}

/** Labels in other languages stay only where the client asks to merge (header `MSCRM.MergeLabels`). */
function mergedLabel(before: Label | undefined, after: Label | undefined, merge: boolean): Label | undefined {
  if (!merge || before === undefined) return after
  if (after === undefined) return before
  return { ...byLanguage(before), ...byLanguage(after) }
}

function byLanguage(label: Label): Record<string, string> {
  return typeof label === 'string' ? { [userLanguage]: label } : label
}
