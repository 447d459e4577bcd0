/** Digits behind the point of money, which is stored as whole ten-thousandths, as SQL Server's own `money` is: sums and comparisons stay exact. */
export const moneyDigits = 4
/** Digits behind the point that a decimal is stored and sent with, whatever the precision of its column. */
export const decimalDigits = 10
/** A decimal is no larger than this, and no smaller than its negative. */
export const largestDecimal = 1e11

/** In front of the point of a stored decimal. */
export const wholeDigits = 12
const offset = BigInt(largestDecimal) * 10n ** BigInt(decimalDigits)

/**
 * A decimal as it is stored: as text that sorts as the number does, since neither a double nor 64 bits hold all its digits. It is the number
 * plus 100 billion, and so never negative: 18450.5 is `100000018450.5000000000`.
 * @param units ten-billionths
 */
export function decimalKey(units: bigint): string {
  return pointed(String(units + offset).padStart(wholeDigits + decimalDigits, '0'), decimalDigits)
}

/** The digits of a stored decimal. */
export function decimalText(key: string): string {
  const whole = Number(key.slice(0, wholeDigits)) - largestDecimal
  return whole >= 0 ? `${whole}${key.slice(wholeDigits)}` : pointed(String(decimalUnits(key)), decimalDigits)
}

/** Ten-billionths of a stored decimal. */
export function decimalUnits(key: string): bigint {
  return BigInt(key.replace('.', '')) - offset
}

/** Whole units with their point: `12500000` of four digits is `1250.0000`. */
export function pointed(units: string, digits: number): string {
  if (digits === 0) return units
  const sign = units.startsWith('-') ? '-' : ''
  const padded = units.slice(sign.length).padStart(digits + 1, '0')
  return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}

/** A number in units of so many digits behind the point, rounded half away from zero; undefined for what is no number. */
export function toUnits(text: string, digits: number): bigint | undefined {
  const found = cut(text, digits)
  if (!found) return undefined
  const units = found.rest >= '5' ? found.units + 1n : found.units
  return found.negative ? -units : units
}

/** The largest number of units that is not above a number, and whether it is the number. @param text a number */
export function floorUnits(text: string, digits: number): { units: bigint; exact: boolean } {
  const { negative, units, rest } = cut(text, digits)!
  const exact = !/[1-9]/.test(rest)
  return { units: negative ? -units - (exact ? 0n : 1n) : units, exact }
}

/** More than any column holds; keeps an enormous exponent from filling the memory. */
const mostDigits = 60

/** @returns the units in front of the digits that are too fine, without sign */
function cut(text: string, digits: number): { negative: boolean; units: bigint; rest: string } | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? []
  if (sign === undefined) return undefined
  const negative = sign === '-'
  const significant = (whole + fraction).replace(/^0+/, '')
  if (significant === '') return { negative, units: 0n, rest: '' }
  const point = significant.length - fraction.length + Number(exponent) + digits
  if (point > mostDigits) return { negative, units: 10n ** BigInt(mostDigits), rest: '' }
  if (point <= 0) return { negative, units: 0n, rest: point < 0 ? `0${significant}` : significant }
  const padded = significant.padEnd(point, '0')
  return { negative, units: BigInt(padded.slice(0, point)), rest: padded.slice(point) }
}
