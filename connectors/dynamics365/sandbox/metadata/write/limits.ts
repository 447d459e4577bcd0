import type { ColumnSeed, ColumnType } from '../../organization/seed.ts'
import { rangeOf } from '../column-definition.ts'
import { invalid } from './refuse.ts'

type Measure = 'maxLength' | 'precision' | 'maxSizeInKB'

/** What the documentation of column types allows. */
const limits: Partial<Record<ColumnType, [measure: Measure, least: number, most: number]>> = {
  String: ['maxLength', 1, 4_000],
  Memo: ['maxLength', 1, 1_048_576],
  Decimal: ['precision', 0, 10],
  Double: ['precision', 0, 5],
  Money: ['precision', 0, 4],
  File: ['maxSizeInKB', 1, 10_485_760],
  Image: ['maxSizeInKB', 1, 30_720],
}

/**
 * Measures, bounds and default of a column. What it has already may be more than a client could ask for.
 * @throws WebApiError 400
 */
export function checkLimits(column: ColumnSeed, before?: ColumnSeed): void {
  const { name, type, minValue, maxValue, choices, default: preset } = column
  const [measure, least, most] = limits[type] ?? []
  const value = measure && column[measure]
  if (value !== undefined && value !== before?.[measure!] && !(Number.isInteger(value) && value >= least! && value <= most!))
    throw invalid(`The ${measure} of the column ${name} must be a whole number from ${least} to ${most}, and is ${value}.`)
  const [lowest, highest] = rangeOf(type) ?? []
  if ((minValue ?? lowest ?? 0) > (maxValue ?? highest ?? 0)) throw invalid(`The MinValue of the column ${name} is above its MaxValue.`)
  for (const bound of [minValue, maxValue])
    if (bound !== undefined && lowest !== undefined && (bound < lowest || bound > highest!))
      throw invalid(`The bound ${bound} of the column ${name} is not between ${lowest} and ${highest}.`)
  if (typeof preset === 'number' && preset !== before?.default && !choices?.some((choice) => choice.value === preset))
    throw invalid(`The DefaultFormValue ${preset} of the column ${name} is none of its options.`)
}
