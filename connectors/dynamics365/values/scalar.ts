import { ConnectorError, isExactNumber, type Json } from '../../../runner/connector/index.ts'
import type { Client } from '../client.ts'
import { choiceByLabel } from '../metadata/choices.ts'
import { isChoice } from '../metadata/column.ts'
import type { Column, Table } from '../metadata/table.ts'
import { isGuid } from '../webapi/odata.ts'

const numberTypes = new Set(['Integer', 'BigInt', 'Decimal', 'Double', 'Money'])
const textTypes = new Set(['String', 'Memo', 'EntityName'])
const numberText = /^-?\d+(\.\d+)?$/
const dateText = /^\d{4}-\d{2}-\d{2}$/
/** With `Z` or an offset: a bare local time would silently be taken as UTC. */
const momentText = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/**
 * The value of a column that is no lookup, as the server wants it (facts sheet "Data types on the wire"). Null stays null.
 * @throws ConnectorError `invalid_value`, `unknown_choice`
 */
export async function scalarToWire(client: Client, table: Table, column: Column, value: unknown): Promise<Json> {
  if (value === null) return null
  if (isChoice(column)) return choiceToWire(client, table, column, value)
  if (numberTypes.has(column.type)) return numberToWire(table, column, value)
  if (textTypes.has(column.type))
    return expect(typeof value === 'string', table, column, 'a text; `string(…)` makes one of a number', value)
  if (column.type === 'Boolean') return expect(typeof value === 'boolean', table, column, 'true or false', value)
  if (column.type === 'Uniqueidentifier')
    return expect(isGuid(value), table, column, 'an id such as `5c1e0d4a-0000-4000-8000-00000000a001`', value)
  if (column.type === 'DateTime')
    return expect(
      typeof value === 'string' && (dateText.test(value) || momentText.test(value)) && !Number.isNaN(Date.parse(value)),
      table,
      column,
      'a date `2026-01-31`, or a time with `Z` or an offset such as `2026-01-31T08:00:00+01:00`',
      value,
    )
  return value as Json
}

/** A number, or its digits as text, which reach the server exactly as they are written. */
function numberToWire(table: Table, column: Column, value: unknown): Json {
  if (typeof value === 'string' && numberText.test(value)) return exact(value)
  return expect((typeof value === 'number' && Number.isFinite(value)) || isExactNumber(value), table, column, 'a number', value)
}

/** Digits that `JSON.stringify` writes as they are; `Json` has no word for that. */
function exact(digits: string): Json {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): Json }
  return rawJSON(digits.replace(/^(-?)0+(?=\d)/, '$1'))
}

async function choiceToWire(client: Client, table: Table, column: Column, value: unknown): Promise<Json> {
  const number = async (one: unknown) => {
    if (typeof one === 'string') return choiceByLabel(await client.choices.get(table, column), one, table, column)
    return expect(typeof one === 'number' && Number.isInteger(one), table, column, 'the number of a choice or its label', one)
  }
  if (column.type !== 'MultiSelectPicklist') return number(value)
  if (!Array.isArray(value)) throw invalid(table, column, 'a list of choices, by number or label', value)
  return value.length === 0 ? null : (await Promise.all(value.map(number))).join(',')
}

function expect(fits: boolean, table: Table, column: Column, wanted: string, value: unknown): Json {
  if (!fits) throw invalid(table, column, wanted, value)
  return value as Json
}

export function invalid(table: Table, column: Column, wanted: string, value: unknown): ConnectorError {
  const got =
    value === undefined ? 'nothing' : value === null ? 'null' : Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
  return new ConnectorError(
    'rejected',
    'invalid_value',
    `\`${table.logicalName}.${column.name}\` takes ${wanted}, and got ${got}. Correct the value.`,
    {
      details: { table: table.logicalName, column: column.name },
    },
  )
}
