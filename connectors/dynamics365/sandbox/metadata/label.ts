import { stableId } from '../organization/schema.ts'
import type { Label } from '../organization/seed.ts'
import type { Definition } from './resource.ts'

/** The sandbox's users speak English. */
export const userLanguage = 1033

/** A `Label` as definitions carry it. */
export function label(text: Label | undefined): Definition {
  const texts = typeof text === 'string' ? { [userLanguage]: text } : (text ?? {})
  const localized = Object.entries(texts).map(([code, one]) => ({
    Label: one,
    LanguageCode: Number(code),
    IsManaged: false,
    MetadataId: stableId(`label ${code} ${one}`),
    HasChanged: null,
  }))
  return { LocalizedLabels: localized, UserLocalizedLabel: localized.find((one) => one.LanguageCode === userLanguage) ?? null }
}

/** A name for people where the metadata gives none: `hrb_Port_Call` is `Port Call`. */
export function spoken(schemaName: string): string {
  return schemaName.replace(/^[a-z0-9]+_(?=[A-Z])/, '').replaceAll('_', ' ')
}

/** A setting that a solution may lock. */
export function managed<T>(
  value: T,
  name: string,
  canBeChanged = true,
): { Value: T; CanBeChanged: boolean; ManagedPropertyLogicalName: string } {
  return { Value: value, CanBeChanged: canBeChanged, ManagedPropertyLogicalName: name }
}
