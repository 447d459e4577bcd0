import type { BodyOptions } from '../organization/body.ts'
import type { Call } from './call.ts'

/** How the body of this request is to be read. */
export function bodyOptions({ header }: Call): BodyOptions {
  return { numbersAsText: isIeee754Compatible(header('content-type')) }
}

/** Whether a media type asks for decimals and big integers as texts (facts sheet "Data types on the wire"). */
export function isIeee754Compatible(mediaType: string | undefined): boolean {
  return /;\s*ieee754compatible\s*=\s*true\b/i.test(mediaType ?? '')
}

/** Off by default (facts sheet "Duplicate detection"). */
export function detectsDuplicates({ header }: Call): boolean {
  return header('mscrm.suppressduplicatedetection')?.trim().toLowerCase() === 'false'
}
