import { WebApiError } from '../../error.ts'

/** A definition that cannot be as it was sent: `InvalidArgument`. */
export function invalid(message: string): WebApiError {
  return new WebApiError(400, '0x80040203', message)
}

/** The code is the one that public notes on failed deployments tell. */
export function invalidName(message: string): WebApiError {
  return new WebApiError(400, '0x80044366', message)
}

/** `DuplicateAttributeSchemaName`; of other definitions the documentation names no code. */
export function columnExists(schemaName: string, table: string): WebApiError {
  return new WebApiError(400, '0x80047013', `Attribute ${schemaName} already exists for entity ${table}.`)
}

export function exists(kind: string, name: string): WebApiError {
  return invalid(`${kind} with the name ${name} already exists. Choose another name.`)
}

/** `CannotDeleteInUseComponent`. @param by the names of what refers to it */
export function inUse(kind: string, id: string, by: readonly string[]): WebApiError {
  return new WebApiError(
    400,
    '0x8004f01f',
    `The ${kind}(${id}) component cannot be deleted because it is referenced by ${by.length} other components. For a list of referenced components, use the RetrieveDependenciesForDeleteRequest. (${by.join(', ')})`,
  )
}

/** `CannotDeleteMetadata`: what Microsoft made can be changed and not deleted. */
export function notDeletable(name: string, id: string): WebApiError {
  return new WebApiError(
    400,
    '0x8004f032',
    `The 'Delete' operation on the current component(name='${name}', id='${id}') failed during managed property evaluation of condition: 'Managed Property Name: iscustomizable'`,
  )
}
