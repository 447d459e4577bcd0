import { isExactNumber } from '../../../../runner/connector/index.ts'
import { badPayload, badQuery, type WebApiError } from '../error.ts'
import { percentDecoded } from '../odata/percent.ts'
import { isGuid } from '../organization/values.ts'
import { parseLiteral, splitArguments } from './literal.ts'
import type { Operation, Parameter } from './operation.ts'
import { enumNumber, enumTypes } from './types.ts'

type Refuse = (message: string) => WebApiError

/**
 * Parameters of a function: what stands between its parentheses, inline or by alias. The sheet gives no texts for what does not fit.
 * @param text percent-encoded
 * @throws WebApiError 0x80060888
 */
export function functionParameters(operation: Operation, text: string, query: ReadonlyMap<string, string>): Record<string, unknown> {
  const given: Record<string, unknown> = {}
  for (const part of splitArguments(percentDecoded(text, 'What stands between the parentheses'))) {
    const [, name = '', value = ''] = /^\s*(\w+)\s*=\s*(.*)$/s.exec(part) ?? []
    const parameter = operation.parameters.find((one) => one.name === name)
    if (!parameter) throw badQuery(`The function '${operation.name}' has no parameter '${name || part}'.`)
    const literal = value.trim().startsWith('@') ? query.get(value.trim()) : value
    if (literal === undefined) throw badQuery(`The alias '${value}' of the parameter '${name}' has no value.`)
    given[name] = parseLiteral(literal, parameter.type)
  }
  return checked(operation, given, badQuery)
}

/** Parameters of an action, from its body. @throws WebApiError 0x80048d19 */
export function actionParameters(operation: Operation, body: Record<string, unknown>): Record<string, unknown> {
  const refuse: Refuse = (message) => badPayload(operation.name, message)
  const given = Object.entries(body).filter(([name]) => !name.includes('@'))
  const unknown = given.find(([name]) => !operation.parameters.some((one) => one.name === name))
  if (unknown)
    throw refuse(`The parameter '${unknown[0]}' in the request payload is not a valid parameter for the operation '${operation.name}'.`)
  return checked(operation, Object.fromEntries(given), refuse)
}

function checked(operation: Operation, given: Record<string, unknown>, refuse: Refuse): Record<string, unknown> {
  for (const parameter of operation.parameters) {
    const value = given[parameter.name] ?? undefined
    if (value !== undefined) check(parameter, parameter.type, value, refuse)
    else if (!parameter.optional) throw refuse(`The required parameter '${parameter.name}' of '${operation.name}' is missing.`)
  }
  return given
}

function check({ name }: Parameter, type: string, value: unknown, refuse: Refuse): void {
  const element = /^Collection\((.*)\)$/.exec(type)?.[1]
  if (element !== undefined && Array.isArray(value)) for (const one of value) check({ name } as Parameter, element, one, refuse)
  else if (element !== undefined || !fits(type, value))
    throw refuse(
      `Cannot convert the value of the parameter '${name}' to the expected type '${type.replace('mscrm.', 'Microsoft.Dynamics.CRM.')}'.`,
    )
}

function fits(type: string, value: unknown): boolean {
  switch (type) {
    case 'Edm.String':
    // Base64.
    case 'Edm.Binary':
      return typeof value === 'string'
    case 'Edm.Boolean':
      return typeof value === 'boolean'
    case 'Edm.Int32':
      return Number.isInteger(value)
    case 'Edm.Int64':
      return Number.isInteger(value) || isExactNumber(value)
    case 'Edm.Decimal':
    case 'Edm.Double':
      return typeof value === 'number' || isExactNumber(value)
    case 'Edm.Guid':
      return isGuid(value)
    case 'Edm.Date':
    case 'Edm.DateTimeOffset':
      return typeof value === 'string' && !Number.isNaN(Date.parse(value))
    default:
      return fitsNamed(type.replace('mscrm.', ''), value)
  }
}

function fitsNamed(type: string, value: unknown): boolean {
  if (!(type in enumTypes)) return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === 'number' || (typeof value === 'string' && enumNumber(type, value) !== undefined)
}
