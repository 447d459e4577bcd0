import { dateFunctions } from './dates.ts'
import type { FunctionEntry } from './entry.ts'
import { listFunctions } from './lists.ts'
import { numberFunctions } from './numbers.ts'
import { objectFunctions } from './objects.ts'
import { textFunctions } from './text.ts'
import { valueFunctions } from './values.ts'

/** Every function that the language adds to CEL. The environment, the reference page and the tests of examples read this table. */
export const functions: readonly FunctionEntry[] = [
  ...textFunctions,
  ...numberFunctions,
  ...dateFunctions,
  ...listFunctions,
  ...objectFunctions,
  ...valueFunctions,
]
