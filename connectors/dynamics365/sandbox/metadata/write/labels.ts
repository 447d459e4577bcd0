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

/** Labels in other languages stay only where the client asks to merge (header `MSCRM.MergeLabels`). */
export function mergedLabel(before: Label | undefined, after: Label | undefined, merge: boolean): Label | undefined {
  if (!merge || before === undefined) return after
  if (after === undefined) return before
  return { ...byLanguage(before), ...byLanguage(after) }
}

function byLanguage(label: Label): Record<string, string> {
  return typeof label === 'string' ? { [userLanguage]: label } : label
}
