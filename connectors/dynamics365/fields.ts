import { type JsonObject, Type } from '../../runner/connector/index.ts'

/** Fields that several operations share. */

export function Table() {
  return Type.String({
    'x-table': true,
    pattern: '^[a-z][a-z0-9_]*$',
    title: 'Table',
    description: 'Logical name of the table.',
    examples: ['account'],
  })
}

export function Columns(options: Record<string, unknown> = {}) {
  return Type.Array(Type.String({ minLength: 1 }), {
    'x-columns': 'table',
    minItems: 1,
    title: 'Columns',
    description: 'Logical names of the columns to read; all when left out.',
    examples: [['name', 'accountnumber']],
    ...options,
  })
}

export function RecordId() {
  return Type.String({
    minLength: 1,
    title: 'Id',
    description: 'Id (GUID) of the row.',
    examples: ['5c1e0d4a-0000-4000-8000-00000000a001'],
  })
}

/** Column values of one row, as a recipe writes them. */
export function Values() {
  return Type.Unsafe<JsonObject>({
    type: 'object',
    minProperties: 1,
    'x-columns': 'table',
    title: 'Values',
    description:
      'Values by logical column name. A lookup is `{ table, id }`, `{ table, key: { … } }` or null; a choice its number or its label; a multi-select a list; a time has `Z` or an offset.',
    examples: [{ name: 'North Sea Lines', primarycontactid: { table: 'contact', id: '5c1e0d4a-0000-4000-8000-00000000a001' } }],
  })
}

export function Key() {
  return Type.Unsafe<JsonObject>({
    type: 'object',
    minProperties: 1,
    'x-columns': 'table',
    title: 'Key',
    description: 'Columns of an alternate key of the table, with their values.',
    examples: [{ accountnumber: 'A-17' }],
  })
}

/** A row of any columns. */
export function AnyRow(options: Record<string, unknown> = {}) {
  return Type.Unsafe<JsonObject>({ type: 'object', additionalProperties: true, ...options })
}

/** Options of an input that names one row: `id` or `key`, not both. */
export const idOrKey = {
  additionalProperties: false,
  if: { required: ['id'] },
  then: { not: { required: ['key'] } },
  else: { required: ['key'] },
  errorMessage: 'Name the row by `id` or by `key`, not both.',
}
