import { randomUUID } from 'node:crypto'

interface Entry {
  error: string
  /** Default 400 (facts sheet "Payload"). */
  status?: number
  suberror?: string
  /** `{name}` is replaced by the fact of that name. */
  text: string
  claims?: string
  /** The look-up page does not know the code, so the answer names no `error_uri`. */
  noUri?: true
}

const blockedPolicy = JSON.stringify({
  access_token: { capolids: { essential: true, values: ['9d000000-0000-4000-8000-00000000f00d'] } },
})
const needsSignIn = 'Send a new interactive authorization request for this user and resource.'

/** Errors of Entra by AADSTS number (facts sheet "AADSTS table"; statuses and suberrors as recorded there). */
export const errors = {
  // the grant is finished
  50132: {
    error: 'invalid_grant',
    text: 'The session is not valid due to the following reasons: password expiration or recent password change.',
  },
  50133: { error: 'invalid_grant', text: 'Session is invalid due to expiration or recent password change.' },
  50173: {
    error: 'invalid_grant',
    suberror: 'bad_token',
    text: "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{now}'.",
  },
  54005: {
    error: 'invalid_grant',
    text: 'OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.',
  },
  70000: { error: 'invalid_grant', text: 'Provided grant is invalid or malformed.' },
  70008: { error: 'invalid_grant', text: `The provided authorization code or refresh token has expired due to inactivity. ${needsSignIn}` },
  70043: {
    error: 'invalid_grant',
    suberror: 'token_expired',
    noUri: true,
    text: 'The refresh token has expired or is invalid due to sign-in frequency checks by conditional access. The token was issued on {issued} and the maximum allowed lifetime for this request is 32400.',
  },
  700005: {
    error: 'invalid_grant',
    text: 'The provided authorization code or refresh token was issued for another tenant or another client.',
  },
  700082: {
    error: 'invalid_grant',
    text: 'The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for {inactive}.',
  },
  700084: {
    error: 'invalid_grant',
    text: 'The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. The token was issued on {issued}.',
  },
  501481: { error: 'invalid_grant', text: 'The Code_Verifier does not match the code_challenge supplied in the authorization request.' },

  // a person must act
  50055: { error: 'user_password_expired', suberror: 'user_password_expired', text: 'The password is expired.' },
  50058: { error: 'login_required', text: 'A silent sign-in request was sent but no user is signed in.' },
  50074: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: 'Strong authentication is required and the user did not pass the MFA challenge.',
  },
  50076: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '00000007-0000-0000-c000-000000000000'.",
  },
  50078: {
    error: 'invalid_grant',
    suberror: 'basic_action',
    text: 'Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication.',
  },
  50079: {
    error: 'invalid_grant',
    suberror: 'additional_action',
    text: 'Due to a configuration change made by your administrator, the user is required to enroll in multi-factor authentication.',
  },
  53000: {
    error: 'invalid_grant',
    suberror: 'message_only',
    text: 'Device is not in required device state: unknown. Conditional Access policy requires a compliant device, and the device is not compliant.',
  },
  53003: {
    error: 'invalid_grant',
    suberror: 'message_only',
    claims: blockedPolicy,
    text: 'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  },
  65001: {
    error: 'invalid_grant',
    suberror: 'consent_required',
    text: "The user or administrator has not consented to use the application with ID '{client}'. Send an interactive authorization request for this user and resource.",
  },
  65004: { error: 'access_denied', text: 'User declined to consent to access the app.' },

  // the registration or the request is wrong
  50011: {
    error: 'invalid_request',
    text: "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured for the application '{client}'.",
  },
  50194: {
    error: 'invalid_request',
    text: "Application '{client}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps. Use a tenant-specific endpoint.",
  },
  70002: { error: 'invalid_client', status: 401, text: 'Error validating credentials.' },
  70003: { error: 'unsupported_grant_type', text: "The app requested an unsupported grant type '{grant}'." },
  70011: {
    error: 'invalid_scope',
    text: "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
  },
  90002: {
    error: 'invalid_request',
    text: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  },
  90023: { error: 'invalid_request', text: "The value '{value}' of the parameter '{parameter}' is not supported." },
  500011: {
    error: 'invalid_resource',
    text: 'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
  },
  500112: {
    error: 'invalid_grant',
    text: "The reply address '{redirect}' does not match the reply address provided when requesting Authorization code.",
  },
  501491: { error: 'invalid_request', text: 'Invalid size of Code_Challenge parameter.' },
  700016: {
    error: 'unauthorized_client',
    text: "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
  },
  700022: {
    error: 'invalid_scope',
    text: "The provided value for the input parameter 'scope' is not valid because it contains more than one resource. Scope {scope} is not valid.",
  },
  700025: { error: 'invalid_client', text: "Client is public so neither 'client_assertion' nor 'client_secret' should be presented." },
  900144: { error: 'invalid_request', text: "The request body must contain the following parameter: '{parameter}'." },
  901002: { error: 'invalid_request', text: "The 'resource' request parameter is not supported." },
  7000215: {
    error: 'invalid_client',
    status: 401,
    text: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'.",
  },
  7000218: {
    error: 'invalid_client',
    status: 401,
    text: "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
  },
  7000222: { error: 'invalid_client', status: 401, text: "The provided client secret keys for app '{client}' are expired." },
  9002313: { error: 'invalid_request', text: 'Invalid request. Request is malformed or invalid.' },
  9002326: {
    error: 'invalid_request',
    text: "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'.",
  },

  // the service itself
  50196: {
    error: 'invalid_grant',
    text: 'The server terminated an operation because it encountered a client request loop. Please contact your app vendor.',
  },
  90033: { error: 'temporarily_unavailable', status: 503, text: 'A transient error has occurred. Please try again.' },
  90055: { error: 'temporarily_unavailable', status: 503, text: 'The tenant is throttled because it sends too many requests.' },
} satisfies Record<number, Entry>

export type ErrorCode = keyof typeof errors

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'number' && Object.hasOwn(errors, code)
}

/** A refusal by the identity plane; `facts` fill the sentence. */
export class EntraError extends Error {
  override readonly name = 'EntraError'
  readonly code: ErrorCode
  readonly entry: Entry
  /** Overrides the entry's `error`, where the service is known to answer one number with several. */
  readonly error: string
  constructor(code: ErrorCode, facts: Record<string, string> = {}, error?: string) {
    const entry: Entry = errors[code]
    super(`AADSTS${code}: ${entry.text.replace(/\{(\w+)\}/g, (_, name: string) => facts[name] ?? '')}`)
    this.code = code
    this.entry = entry
    this.error = error ?? entry.error
  }
}

export interface ErrorBody {
  error: string
  error_description: string
  error_codes: number[]
  timestamp: string
  trace_id: string
  correlation_id: string
  error_uri?: string
  suberror?: string
  claims?: string
}

/** The body of facts sheet "Payload", fields in the order they were recorded. */
export function errorBody({ message, code, entry, error }: EntraError, at: Date, correlationId: string = randomUUID()): ErrorBody {
  const timestamp = `${at.toISOString().slice(0, 19).replace('T', ' ')}Z`
  const trace = randomUUID()
  return {
    error,
    error_description: `${message} Trace ID: ${trace} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlationId,
    ...(!entry.noUri && { error_uri: `https://login.microsoftonline.com/error?code=${code}` }),
    ...(entry.suberror && { suberror: entry.suberror }),
    ...(entry.claims && { claims: entry.claims }),
  }
}
