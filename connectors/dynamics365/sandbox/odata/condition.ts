import { badQuery, noProperty } from '../error.ts'
import type { Operator } from '../query/operators.ts'
import { odataOperators, operators } from '../query/operators.ts'
import type { ColumnRef, Comparison, Condition } from '../query/tree.ts'
import { isComparable } from '../query/values.ts'
import type { Expression, Operand, Property } from './filter.ts'
import { compareLiterals, edmType, fitting, type Literal } from './literal.ts'
import type { Scope } from './scope.ts'

/** The rows that names may be of: those asked for (without a name), and one for each lambda around. */
type Names = ReadonlyMap<string, Scope>

/**
 * Looks up the names in a `$filter` (facts sheet "`$filter`"). The scope gets the joins that paths need.
 * @throws WebApiError 0x80060888 for a name that there is not, or types that do not go together
 */
export function resolveFilter(scope: Scope, expression: Expression): Condition {
  return resolve(new Map([['', scope]]), expression)
}

function resolve(names: Names, expression: Expression): Condition {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { kind: expression.kind, parts: flatten(expression.kind, expression).map((part) => resolve(names, part)) }
    case 'not':
      return { kind: 'not', part: resolve(names, expression.operand) }
    case 'compare':
      return comparison(names, expression)
    case 'text':
      return textTest(names, expression)
    case 'call':
      return functionTest(names, expression)
    case 'lambda':
      return lambda(names, expression)
  }
}

/** A chain of one connective is one condition with many parts, without a recursion for each. */
function flatten(kind: 'and' | 'or', expression: Expression): Expression[] {
  const parts: Expression[] = []
  let rest = expression
  while (rest.kind === kind) {
    parts.unshift(rest.right)
    rest = rest.left
  }
  return [rest, ...parts]
}

const mirrored = { eq: 'eq', ne: 'ne', gt: 'lt', ge: 'le', lt: 'gt', le: 'ge' } as const

function comparison(names: Names, { operator, left, right }: Extract<Expression, { kind: 'compare' }>): Condition {
  if (left.kind === 'list' || right.kind === 'list') throw badQuery('A list cannot be compared.')
  if (left.kind === 'property' && right.kind === 'property') return columns(names, operator, left, right)
  if (left.kind === 'property' && right.kind === 'value') return test(operator, columnOf(names, left.path), [right.literal])
  if (left.kind === 'value' && right.kind === 'property') return test(mirrored[operator], columnOf(names, right.path), [left.literal])
  if (left.kind !== 'value' || right.kind !== 'value') throw badQuery('Only columns and values can be compared.')
  return { kind: 'constant', value: compareLiterals(operator, left.literal, right.literal) }
}

function columns(names: Names, operator: Comparison, left: Property, right: Property): Condition {
  const [one, other] = [columnOf(names, left.path), columnOf(names, right.path)]
  if (one.alias !== other.alias || left.path.length !== right.path.length)
    throw badQuery('Only columns of the same row can be compared with each other.')
  if (!isComparable(one.column, other.column)) {
    const [first, second] = [edmType(one.column), edmType(other.column)]
    throw badQuery(`A binary operator with incompatible types was detected. Found operand types '${first}' and '${second}'.`)
  }
  return { kind: 'columns', operator, left: one, right: other }
}

function textTest(names: Names, { name, property, value }: Extract<Expression, { kind: 'text' }>): Condition {
  const column = columnOf(names, property.path)
  if (edmType(column.column) !== 'Edm.String' || value.literal.type !== 'string')
    throw badQuery(`No function signature for the function with name '${name}' matches the specified arguments.`)
  const text = name === 'contains' ? `%${value.literal.value}%` : value.literal.value
  return test(odataOperators.get(name)!, column, [{ type: 'string', value: text }])
}

function functionTest(names: Names, { name, parameters }: Extract<Expression, { kind: 'call' }>): Condition {
  const operator = odataOperators.get(name)
  if (operator === undefined || !/^[A-Z]/.test(name))
    throw badQuery(`An unknown function with name 'Microsoft.Dynamics.CRM.${name}' was found.`)
  const property = parameters.get('PropertyName')
  if (property?.kind !== 'value' || property.literal.type !== 'string')
    throw badQuery("The parameter 'PropertyName' must be a text in quotes.")
  const column = columnOf(names, property.literal.value.split('/'), true)
  const values = valuesOf(operator, parameters)
  return test(operator, column, operators[operator].takes === 'column' ? values.map((value) => fitting(column.column, value)) : values)
}

/** Functions of one value, of a period and a year, and of a list name their parameters differently. */
function valuesOf(operator: Operator, parameters: ReadonlyMap<string, Operand>): Literal[] {
  const { values } = operators[operator]
  const single = (name: string) => {
    const operand = parameters.get(name)
    if (operand?.kind !== 'value') throw badQuery(`The parameter '${name}' is missing.`)
    return operand.literal
  }
  const given = [...parameters.keys()].filter((name) => name !== 'PropertyName')
  const list = values === 'list' || operator === 'between' || operator === 'not-between'
  const wanted = list ? ['PropertyValues'] : values === 2 ? ['PropertyValue1', 'PropertyValue2'] : values === 1 ? ['PropertyValue'] : []
  const surplus = given.find((name) => !wanted.includes(name))
  if (surplus !== undefined) throw badQuery(`The function has no parameter '${surplus}'.`)
  if (!list) return wanted.map(single)
  const operand = parameters.get('PropertyValues')
  if (operand?.kind !== 'list') throw badQuery("The parameter 'PropertyValues' must be a list of texts.")
  return [...operand.literals]
}

/** `all` holds where the condition is true for every row: one row for which it is unknown is enough against it. */
function lambda(names: Names, { quantifier, path, variable, condition }: Extract<Expression, { kind: 'lambda' }>): Condition {
  const owner = names.get(path[0] ?? '')
  const { scope, link } = owner && path.length > 1 ? owner.collection(path.slice(1)) : names.get('')!.collection(path)
  if (variable !== undefined && names.has(variable)) throw badQuery(`The range variable '${variable}' has already been declared.`)
  const inner = condition && resolve(new Map([...names, [variable ?? '', scope]]), condition)
  const found: Condition | undefined = inner && quantifier === 'all' ? { kind: 'not', part: inner, orUnknown: true } : inner
  return { kind: 'exists', negated: quantifier === 'all', rows: { ...scope.rows(found), link } }
}

/** A path begins with the name of a lambda's row, or at the rows that were asked for. */
function columnOf(names: Names, path: readonly string[], byLogicalName = false): ColumnRef {
  const [first = '', ...rest] = path
  const named = first === '$it' ? names.get('') : names.get(first)
  if (!named) return names.get('')!.column(path, byLogicalName)
  if (rest.length === 0) throw noProperty(first, named.table)
  return named.column(rest, byLogicalName)
}

function test(operator: Operator, column: ColumnRef, values: readonly Literal[]): Condition {
  return { kind: 'test', operator, column, values }
}
