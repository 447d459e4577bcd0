import { isExactNumber } from '../../../../runner/connector/index.ts'
import type { Call, WebApiResponse } from './call.ts'

/** Whether a media type wants decimals and 64-bit integers as texts (facts sheet "Data types on the wire"). */
export function isIeee754Compatible(mediaType: string | undefined): boolean {
  return /;\s*ieee754compatible\s*=\s*true\b/i.test(mediaType ?? '')
}

/** A value with its decimals and 64-bit integers, which are those that travel digit for digit, as texts where the client asks for that. */
export function numbersFor<T>({ header }: Call, value: T): T {
  return isIeee754Compatible(header('accept')) ? (withTexts(value) as T) : value
}

function withTexts(value: unknown): unknown {
  if (isExactNumber(value)) return value.rawJSON
  if (Array.isArray(value)) return value.map(withTexts)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withTexts(one)]))
}

/** Says in the content type how numbers are written. */
export function withNumberFormat({ header }: Call, answer: WebApiResponse): WebApiResponse {
  const type = answer.headers['Content-Type']
  if (!type?.startsWith('application/json') || !isIeee754Compatible(header('accept'))) return answer
  return { ...answer, headers: { ...answer.headers, 'Content-Type': `${type}; IEEE754Compatible=true` } }
}
