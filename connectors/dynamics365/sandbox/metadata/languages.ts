import { badQuery } from '../error.ts'
import type { Definition } from './resource.ts'

/** Codes of languages; undefined: all. */
export type Languages = ReadonlySet<number> | undefined

/** `LabelLanguages` of an address, such as `1033,1031` ("Query table definitions using the Web API"). @throws WebApiError 400 */
export function readLanguages(text: string | undefined): Languages {
  if (text === undefined) return undefined
  const codes = text.split(',').map((one) => one.trim())
  if (!codes.every((code) => /^\d+$/.test(code))) throw badQuery(`The value '${text}' of LabelLanguages is no list of language codes.`)
  return new Set(codes.map(Number))
}

/** Labels within a value, without those in other languages. */
export function inLanguages(value: unknown, languages: Languages): unknown {
  if (languages === undefined || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => inLanguages(one, languages))
  const isKept = (label: unknown) => languages.has(Number((label as Definition | null)?.LanguageCode))
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (name === 'LocalizedLabels') return [name, (one as unknown[]).filter(isKept)]
      if (name === 'UserLocalizedLabel') return [name, isKept(one) ? one : null]
      return [name, inLanguages(one, languages)]
    }),
  )
}
