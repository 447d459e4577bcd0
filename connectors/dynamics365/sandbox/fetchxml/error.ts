import { WebApiError } from '../error.ts'

/** XML that is broken, or an element, attribute or value that FetchXML does not have there. */
export function badNode(message: string): WebApiError {
  return new WebApiError(400, '0x8004111c', `Invalid FetchXML. ${message}`)
}

export function noTable(name: string): WebApiError {
  return new WebApiError(400, '0x80041102', `The entity with a name = '${name}' was not found in the MetadataCache.`)
}

export function noColumn(table: { logicalName: string }, name: string): WebApiError {
  return new WebApiError(400, '0x80041103', `'${table.logicalName}' entity doesn't contain attribute with Name = '${name}'.`)
}

export function badLinkType(text: string): WebApiError {
  return new WebApiError(400, '0x80041117', `The link type '${text}' is not valid here.`)
}

export function badOperator(message: string): WebApiError {
  return new WebApiError(400, '0x80041120', message)
}

export function otherTable(expected: string, found: string): WebApiError {
  return new WebApiError(
    400,
    '0x80041128',
    `The entity '${found}' of the query does not match '${expected}', the entity of the collection.`,
  )
}

export function duplicateAlias(alias: string): WebApiError {
  return new WebApiError(400, '0x80041130', `The alias '${alias}' is used more than once in the query.`)
}

export function badCookie(): WebApiError {
  return new WebApiError(400, '0x8004112A', 'The paging cookie is not valid.')
}

/** A value that the column of a condition cannot have. The sheet names no code; these are the ones for invalid arguments and dates. */
export function badValue(column: { name: string; type: string }, text: string): WebApiError {
  const code = column.type === 'DateTime' ? '0x80040239' : '0x80040203'
  return new WebApiError(400, code, `The value '${text.slice(0, 100)}' is not valid for the attribute '${column.name}'.`)
}
