import { badQuery, notSupported, WebApiError } from '../error.ts'
import { type Comparison, type Expression, type Operand, parseFilter } from '../odata/filter.ts'
import type { Definition, Resource } from './resource.ts'

/** Properties that are enumerations, by the name of their type. */
export const enums: Readonly<Record<string, string>> = {
  AttributeType: 'AttributeTypeCode',
  EntityKeyIndexStatus: 'EntityKeyIndexStatus',
  OptionSetType: 'OptionSetType',
  OwnershipType: 'OwnershipTypes',
  RelationshipType: 'RelationshipType',
  'RequiredLevel/Value': 'AttributeRequiredLevel',
  SecurityTypes: 'SecurityTypes',
}
const enumMark = '\u0000'

/**
 * The resources that match a `$filter` (facts sheet "Reading definitions"): enumerations with their full type or as a text, managed
 * properties by path, no labels.
 * @throws WebApiError 400, 501 for functions
 */
export function matching(
  resources: readonly Resource[],
  filter: string | undefined,
  shown: (resource: Resource) => ReadonlySet<string>,
): Resource[] {
  if (filter === undefined) return [...resources]
  const marked = filter.replaceAll(/Microsoft\.Dynamics\.CRM\.(\w+)'([^']*)'/g, `'${enumMark}$1${enumMark}$2'`)
  const expression = parseFilter(marked, new Map())
  return resources.filter((resource) => holds(expression, resource.properties, shown(resource)))
}

function holds(expression: Expression, definition: Definition, shown: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'and':
      return holds(expression.left, definition, shown) && holds(expression.right, definition, shown)
    case 'or':
      return holds(expression.left, definition, shown) || holds(expression.right, definition, shown)
    case 'not':
      return !holds(expression.operand, definition, shown)
    case 'compare':
      return compares(expression, definition, shown)
    case 'text':
    case 'call':
      throw new WebApiError(501, '0x8006088a', `The '${expression.name}' function isn't supported for Metadata Entities`)
    default:
      throw notSupported('lambdas in $filter of definitions')
  }
}

function compares(
  { operator, left, right }: Extract<Expression, { kind: 'compare' }>,
  definition: Definition,
  shown: ReadonlySet<string>,
): boolean {
  checkTypes(left, right)
  checkTypes(right, left)
  return compare(operator, value(left, definition, shown), value(right, definition, shown))
}

function compare(operator: Comparison, left: unknown, right: unknown): boolean {
  if (operator === 'eq') return left === right
  if (operator === 'ne') return left !== right
  if (typeof left !== 'number' || typeof right !== 'number') return false
  if (operator === 'gt') return left > right
  if (operator === 'ge') return left >= right
  return operator === 'lt' ? left < right : left <= right
}

/** A property that is an enumeration goes with a value of that enumeration or its name as a text, and such a value with no other. */
function checkTypes(property: Operand, other: Operand): void {
  if (property.kind !== 'property' || other.kind !== 'value' || other.literal.type === 'null') return
  const wanted = enums[property.path.join('/')]
  const text = other.literal.type === 'string' ? other.literal.value : ''
  const given = text.startsWith(enumMark) ? text.split(enumMark)[1] : undefined
  if (wanted === given || (wanted !== undefined && given === undefined && other.literal.type === 'string')) return
  const named = (type: string | undefined) => (type === undefined ? 'Edm.String' : `Microsoft.Dynamics.CRM.${type}`)
  throw badQuery(
    `A binary operator with incompatible types was detected. Found operand types '${named(wanted)}' and '${named(given)}' for operator kind 'Equal'.`,
  )
}

function value(operand: Operand, definition: Definition, shown: ReadonlySet<string>): unknown {
  if (operand.kind === 'list') throw notSupported('lists in $filter of definitions')
  if (operand.kind === 'property') return property(operand.path, definition, shown)
  const { literal } = operand
  if (literal.type === 'null') return null
  if (literal.type === 'number') return Number(literal.value)
  return typeof literal.value === 'string' && literal.value.startsWith(enumMark) ? literal.value.split(enumMark)[2] : literal.value
}

function property(path: readonly string[], definition: Definition, shown: ReadonlySet<string>): unknown {
  const [first = '', ...rest] = path
  if (!shown.has(first)) throw badQuery(`Could not find a property named '${first}' on this type of definition.`)
  const found = rest.reduce<unknown>(member, definition[first])
  if (isLabel(found)) throw badQuery(`The property '${path.join('/')}' is a label. Labels cannot be filtered.`)
  return found
}

function member(from: unknown, name: string): unknown {
  if (isLabel(from)) throw badQuery('Labels cannot be filtered.')
  if (typeof from === 'object' && from !== null && name in from) return (from as Definition)[name]
  throw badQuery(`Could not find a property named '${name}' on this type of definition.`)
}

function isLabel(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'LocalizedLabels' in value
}
