import { badQuery } from '../../error.ts'
import { enumNumber, enumTypes } from '../../operations/types.ts'
import { enums } from '../filter.ts'
import type { Definition } from '../resource.ts'
import { listOf, membersOf } from './members.ts'
import { readValue } from './value.ts'

type Operator = 'Equals' | 'NotEquals' | 'In' | 'NotIn' | 'GreaterThan' | 'LessThan'

interface Condition {
  property: string
  operator: Operator
  /** As the client named it, such as `System.Boolean`. */
  type: string
  values: readonly unknown[]
}

/** A `MetadataFilterExpression`. */
export interface Criteria {
  any: boolean
  conditions: readonly Condition[]
  criteria: readonly Criteria[]
}

/** @throws WebApiError 400 */
export function readCriteria(value: unknown): Criteria {
  const { FilterOperator, Conditions, Filters } = membersOf(value, 'MetadataFilterExpression')
  return {
    any: memberOf('LogicalOperator', FilterOperator ?? 'And') === 'Or',
    conditions: listOf(Conditions, 'Conditions').map(readCondition),
    criteria: listOf(Filters, 'Filters').map(readCriteria),
  }
}

function readCondition(value: unknown): Condition {
  const { PropertyName, ConditionOperator, Value } = membersOf(value, 'MetadataConditionExpression')
  const operator = memberOf('MetadataConditionOperator', ConditionOperator ?? 'Equals') as Operator
  const { type, values, several } = readValue(Value)
  if (several !== (operator === 'In' || operator === 'NotIn') && type !== '')
    throw badQuery(`The value of the condition on '${PropertyName}' does not fit the operator '${operator}'.`)
  return { property: String(PropertyName), operator, type, values }
}

/** Name of a member of an enumeration that is given by name or by number. */
function memberOf(type: string, given: unknown): string {
  const members = enumTypes[type]!
  const name = typeof given === 'string' && enumNumber(type, given) !== undefined ? given : undefined
  const found = name ?? Object.keys(members).find((one) => String(members[one]) === String(given))
  if (found === undefined) throw badQuery(`'${given}' is no member of 'Microsoft.Dynamics.CRM.${type}'.`)
  return found
}

/** The properties that conditions speak of. */
export function propertiesIn({ conditions, criteria }: Criteria): string[] {
  return [...conditions.map(({ property }) => property), ...criteria.flatMap(propertiesIn)]
}

/**
 * Whether a definition meets criteria; a property that it lacks is null, as that of another type of column.
 * @throws WebApiError 400 for a condition on a label or list, or with a value of another type than the property's
 */
export function meets(definition: Definition, { any, conditions, criteria }: Criteria): boolean {
  const results = [...conditions.map((one) => holds(definition, one)), ...criteria.map((one) => meets(definition, one))]
  return results.length === 0 || (any ? results.some(Boolean) : results.every(Boolean))
}

function holds(definition: Definition, { property, operator, type, values }: Condition): boolean {
  const value = comparable(property, definition[property] ?? null)
  if (value !== null) checkType(property, value, type)
  const [first] = values
  switch (operator) {
    case 'Equals':
    case 'In':
      return values.includes(value)
    case 'NotEquals':
    case 'NotIn':
      return !values.includes(value)
    case 'GreaterThan':
      return value !== null && first != null && value > first
    case 'LessThan':
      return value !== null && first != null && value < first
  }
}

type Comparable = string | number | boolean

/** Of a managed property or the like, its value is what counts. */
function comparable(name: string, value: unknown): Comparable | null {
  if (typeof value !== 'object' || value === null) return value as Comparable | null
  if ('Value' in value && !('LocalizedLabels' in value)) return value.Value as Comparable
  throw badQuery(`The property '${name}' cannot be used in a condition: it is a label or a list.`)
}

/** Each type of property goes with one name of a type in .NET; null goes with all. */
function checkType(property: string, value: Comparable, type: string): void {
  const wanted = dotNetType(property, value)
  if (type === '' || type.replace('[]', '') === wanted) return
  throw badQuery(`A condition on '${property}' needs a value of the type '${wanted}', and not of '${type}'.`)
}

function dotNetType(property: string, value: Comparable): string {
  const name = enums[property] ?? enums[`${property}/Value`] ?? (property === 'AttributeTypeName' ? 'AttributeTypeDisplayName' : undefined)
  if (name !== undefined) return `Microsoft.Xrm.Sdk.Metadata.${name}`
  if (typeof value === 'boolean') return 'System.Boolean'
  if (typeof value === 'number') return 'System.Int32'
  return property === 'MetadataId' ? 'System.Guid' : 'System.String'
}
