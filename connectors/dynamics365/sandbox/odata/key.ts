import { badQuery } from '../error.ts'
import type { Stored } from '../organization/database.ts'
import { type Column, ownerTables, type Table } from '../organization/schema.ts'
import { isGuid } from '../organization/values.ts'
import { literalOf, placeOf } from './literal.ts'
import { type Token, tokenize } from './tokens.ts'

/** How a URL names a row: by its primary key, or by the columns of an alternate key. */
export type RowKey = { id: string; partition?: string } | { columns: [column: Column, value: Stored][]; texts: string[] }

/**
 * Reads what stands between the parentheses behind an entity set, percent-decoded (facts sheet "Row addressing and alternate keys").
 * @throws WebApiError 400 when it is no key of the table
 */
export function parseKey(table: Table, text: string): RowKey {
  const tokens = tokenize(text)
  if (tokens.length === 2 && isGuid(tokens[0]!.text)) return { id: tokens[0]!.text.toLowerCase() }
  const pairs = readPairs(table, tokens)
  const primary = pairs.length === 1 && pairs[0]![0].name === table.primaryId ? pairs[0]![1] : undefined
  // Users and teams inherit their key from principal, so theirs has another name.
  if (primary && isGuid(primary.text) && !ownerTables.includes(table.logicalName)) return { id: primary.text.toLowerCase() }
  const names = new Set(pairs.map(([column]) => column.name))
  if (!table.keys.some((key) => key.columns.length === pairs.length && key.columns.every((name) => names.has(name)))) throw noKey(table)
  return {
    columns: pairs.map(([column, token]) => [column, keyValue(table, column, token)]),
    texts: pairs.flatMap(([, token]) => (token.type === 'string' ? [token.text] : [])),
  }
}

function readPairs(table: Table, tokens: readonly Token[]): [Column, Token][] {
  const pairs: [Column, Token][] = []
  for (let at = 0; ; at += 4) {
    const [name, equals, value, comma] = tokens.slice(at, at + 4)
    const column = name?.type === 'name' ? table.properties.get(name.text) : undefined
    if (!column || equals?.text !== '=' || !value || value.type === 'symbol' || value.type === 'end') throw noKey(table)
    pairs.push([column, value])
    if (comma?.type === 'end') return pairs
    if (comma?.text !== ',') throw noKey(table)
  }
}

/** @throws WebApiError 400 for a number that the column cannot hold */
function keyValue(table: Table, column: Column, token: Token): Stored {
  const { value, exact } = placeOf(table, column, literalOf(token))
  if (!exact) throw noKey(table)
  return value
}

/** The sheet leaves the status open; 400 is expected. */
function noKey({ logicalName }: Table): Error {
  const type = `Microsoft.Dynamics.CRM.${logicalName}`
  return badQuery(
    `The key in the request URI is not valid for resource '${type}'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource '${type}'.`,
  )
}

/** Characters that make a GET or PATCH by a text key fail, though they may be stored. */
export function unsafeCharacter(key: RowKey): string | undefined {
  return 'texts' in key ? /[/<>*%&:\\?+]/.exec(key.texts.join(''))?.[0] : undefined
}
