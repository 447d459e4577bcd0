import { badQuery, notSupported } from '../error.ts'
import { type Expression, type Operand, parseFilter } from '../odata/filter.ts'

type Definition = Record<string, unknown>

/** The definitions that match a `$filter` of `eq` and `ne`, joined in any way. @throws WebApiError 400, 501 for other conditions */
export function matching(definitions: readonly Definition[], filter: string | undefined): Definition[] {
  if (filter === undefined) return [...definitions]
  // Enum literals carry their type: `Microsoft.Dynamics.CRM.OwnershipTypes'UserOwned'`.
  const expression = parseFilter(filter.replaceAll(/Microsoft\.Dynamics\.CRM\.\w+(?=')/g, ''), new Map())
  return definitions.filter((definition) => holds(expression, definition))
}

function holds(expression: Expression, definition: Definition): boolean {
  switch (expression.kind) {
    case 'and':
      return holds(expression.left, definition) && holds(expression.right, definition)
    case 'or':
      return holds(expression.left, definition) || holds(expression.right, definition)
    case 'not':
      return !holds(expression.operand, definition)
    case 'compare':
      return compares(expression, definition)
    default:
      throw notSupported('functions in $filter of definitions')
  }
}

function compares({ operator, left, right }: Extract<Expression, { kind: 'compare' }>, definition: Definition): boolean {
  if (operator !== 'eq' && operator !== 'ne') throw notSupported(`${operator} in $filter of definitions`)
  return (value(left, definition) === value(right, definition)) === (operator === 'eq')
}

function value(operand: Operand, definition: Definition): unknown {
  if (operand.kind === 'list') throw notSupported('lists in $filter of definitions')
  if (operand.kind === 'property') return operand.path.reduce<unknown>(member, definition)
  const { literal } = operand
  if (literal.type === 'null') return null
  return literal.type === 'number' ? Number(literal.value) : literal.value
}

/** A managed property is asked for by path: `RequiredLevel/Value`. */
function member(from: unknown, name: string): unknown {
  if (typeof from === 'object' && from !== null && name in from) return (from as Definition)[name]
  throw badQuery(`Could not find a property named '${name}' on this type of definition.`)
}
