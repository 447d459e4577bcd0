import type { Label } from '../../organization/seed.ts'

export interface LabelJson {
  LocalizedLabels?: { Label: string; LanguageCode: number }[]
  UserLocalizedLabel?: { Label: string; LanguageCode: number } | null
}

/** A label of a definition; undefined where it has no texts. */
export function labelOf(json: LabelJson | null | undefined): Label | undefined {
  const labels = [...(json?.LocalizedLabels ?? []), ...(json?.UserLocalizedLabel ? [json.UserLocalizedLabel] : [])]
  if (labels.length === 0) return undefined
  const texts = Object.fromEntries(labels.map(({ LanguageCode, Label: text }) => [String(LanguageCode), text]))
  const [only] = Object.keys(texts)
  return Object.keys(texts).length === 1 && only === '1033' ? texts[only]! : texts
}
