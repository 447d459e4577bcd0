/** A field of a fault, as a JSON Schema that also says what it means. */
export interface FaultField {
  type: 'integer' | 'string' | 'boolean'
  about: string
  default?: number | string | boolean
  least?: number
  most?: number
  values?: readonly string[]
}

export interface FaultKind {
  about: string
  fields: Record<string, FaultField>
}

const milliseconds = (about: string, preset?: number): FaultField => ({
  type: 'integer',
  about,
  least: 0,
  most: 600_000,
  ...(preset !== undefined && { default: preset }),
})

/** What can be made to go wrong. Requests are checked against this table, and the page in the docs is made of it. */
export const faultKinds = {
  latency: {
    about: 'the answer comes late',
    fields: { ms: milliseconds('at least so long'), up_to_ms: milliseconds('at most so long, at random; default: exactly `ms`', 0) },
  },
  status: {
    about: 'an error instead of the answer; nothing takes effect',
    fields: {
      status: { type: 'integer', about: 'HTTP status', least: 400, most: 599, default: 503 },
      code: { type: 'string', about: 'error code of the Web API', default: '0x80040216' },
      message: { type: 'string', about: 'text of the error', default: 'An unexpected error occurred.' },
      retry_after: { type: 'integer', about: 'seconds in `Retry-After`; default: no such header', least: 0, most: 86_400 },
    },
  },
  garbage: {
    about: 'an answer that no service would give; nothing takes effect',
    fields: {
      body: {
        type: 'string',
        about: 'an HTML page as of a proxy, nothing at all, or broken JSON',
        values: ['html', 'empty', 'json'],
        default: 'html',
      },
      status: { type: 'integer', about: 'HTTP status', least: 200, most: 599, default: 502 },
    },
  },
  cut_before: { about: 'the connection is cut before the request takes effect', fields: {} },
  cut_after: { about: 'the connection is cut after the request took effect, before anything is answered', fields: {} },
  truncate: {
    about: 'the answer is cut in its middle',
    fields: { bytes: { type: 'integer', about: 'so many bytes of the body are sent; default: half', least: 0, most: 1_000_000_000 } },
  },
  slow_body: {
    about: 'the answer comes in small pieces',
    fields: {
      bytes: { type: 'integer', about: 'size of a piece', least: 1, most: 1_000_000, default: 64 },
      ms: milliseconds('pause between pieces', 50),
    },
  },
  late_commit: {
    about: 'a write gets its version and time when it arrives, and takes effect later',
    fields: { ms: milliseconds('so much later') },
  },
  kill_refresh_tokens: { about: 'every refresh token is dead before the request is looked at', fields: {} },
  expire_access_tokens: { about: 'every access token is expired before the request is looked at', fields: {} },
} as const satisfies Record<string, FaultKind>

export type FaultName = keyof typeof faultKinds

/** Which requests a fault is for; every kind has these fields too. */
export const matcherFields: Record<string, FaultField> = {
  on: { type: 'string', about: 'which requests', values: ['webapi', 'token', 'any'], default: 'webapi' },
  method: { type: 'string', about: 'HTTP method; default: any' },
  path: { type: 'string', about: 'text that the address contains, as it was sent; default: any' },
  pattern: { type: 'string', about: 'regular expression that the address matches' },
  after: { type: 'integer', about: 'so many matching requests pass first', least: 0, most: 1_000_000_000, default: 0 },
  times: { type: 'integer', about: 'so many requests it happens to; default: to all', least: 1, most: 1_000_000_000 },
}
