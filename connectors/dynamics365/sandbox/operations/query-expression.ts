import { badPayload, notSupported } from '../error.ts'
import { textOf } from '../json.ts'

type Json = Record<string, unknown>

/** `ConditionOperator` members whose FetchXML names are not theirs with hyphens. */
const irregular: Readonly<Record<string, string>> = {
  Equal: 'eq',
  NotEqual: 'ne',
  GreaterThan: 'gt',
  GreaterEqual: 'ge',
  LessThan: 'lt',
  LessEqual: 'le',
  DoesNotBeginWith: 'not-begin-with',
  DoesNotEndWith: 'not-end-with',
  EqualUserId: 'eq-userid',
  NotEqualUserId: 'ne-userid',
  Last7Days: 'last-seven-days',
  Next7Days: 'next-seven-days',
}

/**
 * A `QueryExpression` as FetchXML that selects the same rows; both have the same operators.
 * @throws WebApiError 400 for what is none, 501 for links to other tables
 */
export function toFetchXml(query: Json): string {
  if (typeof query.EntityName !== 'string') throw badPayload('QueryExpression', "The property 'EntityName' is missing.")
  if (Array.isArray(query.LinkEntities) && query.LinkEntities.length > 0) throw notSupported('LinkEntities in a QueryExpression')
  return `<fetch><entity name="${escaped(query.EntityName)}">${filter(query.Criteria)}</entity></fetch>`
}

function filter(criteria: unknown): string {
  if (criteria == null) return ''
  const { FilterOperator = 'And', Conditions = [], Filters = [] } = object(criteria)
  const inner = [...list(Conditions).map(condition), ...list(Filters).map(filter)].join('')
  return inner === '' ? '' : `<filter type="${/^(1|or)$/i.test(textOf(FilterOperator)) ? 'or' : 'and'}">${inner}</filter>`
}

function condition(given: unknown): string {
  const { AttributeName, Operator, Values = [] } = object(given)
  const name = textOf(Operator)
  const operator = irregular[name] ?? name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=X)(?=[A-Z])/g, '-').toLowerCase()
  const head = `<condition attribute="${escaped(AttributeName)}" operator="${escaped(operator)}"`
  const values = list(Values).map((one) => escaped(one !== null && typeof one === 'object' && 'Value' in one ? one.Value : one))
  if (values.length === 0) return `${head}/>`
  const several = /^(?:not-)?(?:in|between|contain-values)$/.test(operator)
  return several ? `${head}>${values.map((one) => `<value>${one}</value>`).join('')}</condition>` : `${head} value="${values[0]}"/>`
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw badPayload('QueryExpression', 'Conditions, Filters and Values are lists.')
  return value
}

function object(value: unknown): Json {
  if (typeof value === 'object' && value !== null) return value as Json
  throw badPayload('QueryExpression', 'Criteria, filters and conditions are objects.')
}

function escaped(value: unknown): string {
  return textOf(value).replaceAll(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)
}
