import { notSupported } from '../error.ts'
import type { Literal } from '../odata/literal.ts'
import type { Column } from '../organization/schema.ts'
import { type Operator, type OperatorSpec, operators } from '../query/operators.ts'
import type { ColumnRef, Comparison, Condition } from '../query/tree.ts'
import { isComparable } from '../query/values.ts'
import { childrenOf, required } from './element.ts'
import { badNode, badOperator } from './error.ts'
import { columnOf, type Scope, type Source } from './scope.ts'
import { dateLiteral, literalFor, numberLiteral } from './value.ts'
import type { Element } from './xml.ts'

const mostValues = 2_000
const comparisons: Partial<Record<Operator, Comparison>> = { eq: 'eq', ne: 'ne', neq: 'ne', gt: 'gt', ge: 'ge', lt: 'lt', le: 'le' }

/**
 * One `<condition>`.
 * @param source the table that the filter stands in
 * @throws WebApiError 0x80041103, 0x8004111c, 0x80041120, or 400 for a value that does not fit the column
 */
export function parseCondition(scope: Scope, source: Source, element: Element): Condition {
  scope.countCondition()
  for (const name of ['aggregate', 'rowaggregate'])
    if (element.attributes.has(name)) throw notSupported(`the attribute ${name} of conditions in FetchXML`)
  const table = element.attributes.get('entityname')
  const column = columnOf(table === undefined ? source : scope.source(table, source), required(element, 'attribute'))
  const name = required(element, 'operator')
  if (!Object.hasOwn(operators, name)) throw badOperator(`The operator '${name.slice(0, 100)}' is not valid.`)
  const operator = name as Operator
  const other = element.attributes.get('valueof')
  if (other !== undefined) return compareColumns(scope, source, column, operator, other)
  return { kind: 'test', operator, column, values: valuesOf(operator, column.column, textsOf(element)) }
}

/** `valueof`: a column of the same table, or `alias.column` of a link-entity. */
function compareColumns(scope: Scope, source: Source, left: ColumnRef, operator: Operator, other: string): Condition {
  const comparison = comparisons[operator]
  if (!comparison) throw badOperator(`The operator '${operator}' cannot compare two columns.`)
  const [, alias, name = other] = /^([^.]*)\.(.*)$/s.exec(other) ?? []
  const right = columnOf(alias === undefined ? source : scope.source(alias, source), name)
  if (!isComparable(left.column, right.column)) throw badNode(`The columns '${left.column.name}' and '${name}' are of different types.`)
  return { kind: 'columns', operator: comparison, left, right }
}

/** The attribute, or the `<value>` elements. */
function textsOf(element: Element): string[] {
  const attribute = element.attributes.get('value')
  const inside = childrenOf(element, 'value').map(({ text }) => text)
  if (inside.length > mostValues) throw badNode(`A condition can hold ${mostValues} values.`)
  return attribute === undefined ? inside : [attribute, ...inside]
}

function valuesOf(operator: Operator, column: Column, texts: readonly string[]): Literal[] {
  const { values, takes }: OperatorSpec = operators[operator]
  // Tools write a value also where an operator needs none.
  const [least, most] = values === 'list' ? [1, mostValues] : values === 0 ? [0, 1] : [values, values]
  if (texts.length < least || texts.length > most)
    throw badNode(`The operator '${operator}' does not take ${texts.length === 1 ? 'one value' : `${texts.length} values`}.`)
  return values === 0 ? [] : texts.map((text) => literalOf(column, takes, text))
}

function literalOf(column: Column, takes: OperatorSpec['takes'], text: string): Literal {
  switch (takes) {
    case 'text':
      return { type: 'string', value: text }
    case 'day':
      return dateLiteral(column, text)
    case 'count':
    case 'option':
      return numberLiteral(column, text)
    default:
      return literalFor(column, text)
  }
}
