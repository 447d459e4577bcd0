/** An answer of the Web API that is an error (facts sheet "Error payload"). Codes and texts: "Status and code catalogue". */
export class WebApiError extends Error {
  override readonly name = 'WebApiError'
  readonly status: number
  /** `0x` and eight hex digits. */
  readonly code: string
  /** Further annotations of the error, by name without `@`, for who asks for them. */
  readonly details: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message)
    this.details = details
    this.status = status
    this.code = code
  }
}

/** What the real service can do and the sandbox cannot: said plainly rather than answered wrongly. */
export function notSupported(what: string): WebApiError {
  return new WebApiError(501, '0x80040219', `The sandbox does not support ${what}.`)
}

/** A query option that cannot be read or does not fit the table. */
export function badQuery(message: string): WebApiError {
  return new WebApiError(400, '0x80060888', message)
}

export function noProperty(name: string, table: { logicalName: string }): WebApiError {
  return badQuery(`Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${table.logicalName}'.`)
}

/** A delta token or a stamp of the metadata from before what is still known (facts sheet "Token lifetime and expiry"). */
export function expiredStamp({ switches }: { switches: { expired_delta_status: number } }): WebApiError {
  const message = 'Version stamp associated with the client has expired. Please perform a full sync.'
  return new WebApiError(switches.expired_delta_status, '0x80044352', message)
}

/** A body that does not fit the table. */
export function badPayload(entitySet: string, inner: string): WebApiError {
  return new WebApiError(
    400,
    '0x80048d19',
    `Error identified in Payload provided by the user for Entity :'${entitySet}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : Microsoft.OData.ODataException: ${inner}`,
  )
}

export function noSuchRow(table: { logicalName: string }, id: string): WebApiError {
  return new WebApiError(404, '0x80040217', `${table.logicalName} With Id = ${id} Does Not Exist`)
}

export function noSuchKey(table: { logicalName: string }): WebApiError {
  return new WebApiError(404, '0x80060891', `A record with the specified key values does not exist in ${table.logicalName} entity`)
}

export function noSuchSegment(name: string): WebApiError {
  return new WebApiError(404, '0x8006088a', `Resource not found for the segment '${name}'.`)
}

export function wrongMethod(method: string): WebApiError {
  return new WebApiError(405, '0x80060888', `The requested resource does not support http method '${method}'.`)
}
