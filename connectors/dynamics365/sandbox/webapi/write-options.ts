import type { BodyOptions } from '../organization/body.ts'
import type { Call } from './call.ts'
import { isIeee754Compatible } from './ieee754.ts'

/** How the body of this request is to be read. */
export function bodyOptions({ header }: Call): BodyOptions {
  return { numbersAsText: isIeee754Compatible(header('content-type')) }
}

/** Off by default (facts sheet "Duplicate detection"). */
export function detectsDuplicates({ header }: Call): boolean {
  return header('mscrm.suppressduplicatedetection')?.trim().toLowerCase() === 'false'
}
