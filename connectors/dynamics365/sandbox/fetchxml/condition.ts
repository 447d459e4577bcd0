import { notSupported } from '../error.ts'
import type { Literal } from '../odata/literal.ts'
import type { Column } from '../organization/schema.ts'
import type { Operator } from '../query/operators.ts'
import type { Comparison, Condition } from '../query/tree.ts'
import { childrenOf, required } from './element.ts'
import { badNode, badOperator } from './error.ts'
import { type OperandKind, operandKinds } from './operators.ts'
import { columnOf, type Scope, type Source } from './scope.ts'
import { dateLiteral, literalFor, numberLiteral } from './value.ts'
import type { Element } from './xml.ts'

const mostValues = 2_000
const comparisons = ['eq', 'ne', 'gt', 'ge', 'lt', 'le']

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
  const written = required(element, 'operator')
  const kind = operandKinds.get(written)
  if (!kind) throw badOperator(`The operator '${written.slice(0, 100)}' is not valid.`)
  const operator = written === 'neq' ? 'ne' : written
  const other = element.attributes.get('valueof')
  if (other !== undefined) return compareColumns(scope, source, column, operator, other)
  const texts = textsOf(element)
  checkCount(written, kind, texts.length)
  return { kind: 'test', operator: operator as Operator, column, values: texts.map((text) => literalOf(column.column, kind, text)) }
}

/** `valueof`: a column of the same table, or `alias.column` of a link-entity. */
function compareColumns(scope: Scope, source: Source, left: ReturnType<typeof columnOf>, operator: string, other: string): Condition {
  if (!comparisons.includes(operator)) throw badOperator(`The operator '${operator}' cannot compare two columns.`)
  const [, alias, name = other] = /^([^.]*)\.(.*)$/s.exec(other) ?? []
  const right = columnOf(alias === undefined ? source : scope.source(alias, source), name)
  if (family(left.column) !== family(right.column)) throw badNode(`The columns '${left.column.name}' and '${name}' are of different types.`)
  return { kind: 'columns', operator: operator as Comparison, left, right }
}

function family({ type, isLookup }: Column): string {
  if (isLookup || type === 'Uniqueidentifier') return 'id'
  if (type === 'String' || type === 'Memo' || type === 'EntityName') return 'text'
  if (type === 'Picklist' || type === 'State' || type === 'Status') return 'choice'
  return type === 'Integer' || type === 'BigInt' ? 'whole number' : type
}

/** The attribute, or the `<value>` elements. */
function textsOf(element: Element): string[] {
  const attribute = element.attributes.get('value')
  const inside = childrenOf(element, 'value').map(({ text }) => text)
  if (inside.length > mostValues) throw badNode(`A condition can hold ${mostValues} values.`)
  return attribute === undefined ? inside : [attribute, ...inside]
}

function checkCount(operator: string, kind: OperandKind, count: number): void {
  const [least, most] = limits(kind)
  if (count < least || count > most)
    throw badNode(`The operator '${operator}' does not take ${count === 1 ? 'one value' : `${count} values`}.`)
}

/** Tools write a value also where an operator needs none. */
function limits(kind: OperandKind): [least: number, most: number] {
  if (kind === 'none') return [0, 1]
  if (kind === 'values' || kind === 'choices') return [1, mostValues]
  return kind === 'two values' || kind === 'two numbers' ? [2, 2] : [1, 1]
}

function literalOf(column: Column, kind: OperandKind, text: string): Literal {
  switch (kind) {
    case 'text':
      return { type: 'string', value: text }
    case 'date':
      return dateLiteral(column, text)
    case 'number':
    case 'two numbers':
    case 'choices':
      return numberLiteral(column, text)
    default:
      return literalFor(column, text)
  }
}
