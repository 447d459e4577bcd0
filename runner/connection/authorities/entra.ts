import type { ReconnectKind } from '../token-store.ts'
import {
  type Authority,
  configErrors,
  type ErrorBody,
  errorBody,
  generalTodo,
  passing,
  type Refusal,
  type TokenAnswer,
} from './authority.ts'
import { type EntraCode, entraCodes } from './entra-codes.ts'

/** Hosts that may be asked for tokens without being named in the settings. Facts sheet "Clouds". */
export const entraHosts = new Set(['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn'])

/** Older names of the same authorities. */
export const entraAliases: Record<string, string> = {
  'login.windows.net': 'login.microsoftonline.com',
  'sts.windows.net': 'login.microsoftonline.com',
  'login.chinacloudapi.cn': 'login.partner.microsoftonline.cn',
}

/** Authority by the end of the organization's host. */
const clouds: [suffix: string, authorityUrl: string][] = [
  ['.dynamics.com', 'https://login.microsoftonline.com'],
  ['.microsoftdynamics.us', 'https://login.microsoftonline.us'],
  ['.appsplatform.us', 'https://login.microsoftonline.us'],
  ['.dynamics.cn', 'https://login.partner.microsoftonline.cn'],
]

const day = 86_400_000

/** Microsoft Entra ID, v2 endpoints. */
export const entra: Authority = {
  known({ authorityUrl, tenant, resource }) {
    const host = URL.canParse(resource) ? new URL(resource).hostname : ''
    const url = authorityUrl ?? clouds.find(([suffix]) => host.endsWith(suffix))?.[1]
    return url === undefined || tenant === undefined ? undefined : { authorityUrl: url.replace(/\/+$/, ''), tenant, resource }
  },

  endpoints({ authorityUrl, tenant = 'organizations' }) {
    const base = `${authorityUrl}/${encodeURIComponent(tenant)}`
    return {
      issuer: `${base}/v2.0`,
      authorize: `${base}/oauth2/v2.0/authorize`,
      token: `${base}/oauth2/v2.0/token`,
      device: `${base}/oauth2/v2.0/devicecode`,
    }
  },

  scopes({ scopes, clientSecret, clientCertificate, grant }, resource) {
    if (scopes) return scopes
    const api = resource.replace(/\/+$/, '')
    if (grant === 'client_credentials') return [`${api}/.default`]
    return [`${api}/${clientSecret || clientCertificate ? '.default' : 'user_impersonation'}`, 'offline_access', 'openid', 'profile']
  },

  parameters: () => ({}),

  assertion: { algorithm: 'PS256', thumbprint: ({ sha256 }) => ({ 'x5t#S256': sha256 }) },

  refreshLifeMs: 90 * day,

  classify,
}

const kindOfSuberror: Record<string, ReconnectKind> = {
  basic_action: 'mfa',
  additional_action: 'mfa',
  ux_not_allowed: 'mfa',
  interrupted_user: 'mfa',
  message_only: 'policy',
  user_password_expired: 'password',
  consent_required: 'consent',
  bad_token: 'revoked',
  token_expired: 'expired',
}

const kindOfError: Record<string, ReconnectKind> = {
  interaction_required: 'mfa',
  login_required: 'mfa',
  ux_not_allowed: 'mfa',
  interrupted_user: 'mfa',
  consent_required: 'consent',
  bad_token: 'revoked',
  user_password_expired: 'password',
}

/** Facts sheet "Classifier order": `error` decides, numbers decide exceptions and what a person is told. */
function classify(answer: TokenAnswer): Refusal {
  const transient = passing(answer)
  const body = errorBody(answer.body) ?? {}
  const says = told(body)
  if (transient) return { ...transient, ...says, words: says.words || transient.words }
  return { ...meaning(body, rowOf(body)), ...says }
}

function meaning(body: ErrorBody, code: EntraCode | undefined): Omit<Refusal, 'words'> {
  const error = body.error ?? ''
  const base = { ...(code?.tryOnceMore && { tryOnceMore: true }), ...(code?.locksOut && { locksOut: code.locksOut }) }
  if (error === 'authorization_pending' || error === 'slow_down') return { class: 'pending', todo: 'Finish the sign-in.' }
  if (error === 'temporarily_unavailable' || error === 'server_error' || code?.class === 'transient') {
    return { class: 'transient', todo: code?.todo ?? 'It is tried again by itself.', ...(code?.atLeastMs && { atLeastMs: code.atLeastMs }) }
  }
  if (configErrors.has(error) && !code?.outweighsError) return { ...base, class: 'config', todo: code?.todo ?? generalTodo.config }
  if (code?.class === 'config') return { ...base, class: 'config', todo: code.todo }
  const kind =
    code?.kind ?? kindOfSuberror[body.suberror ?? ''] ?? kindOfError[error] ?? (error === 'invalid_grant' ? 'revoked' : undefined)
  if (kind === undefined) return { class: 'config', todo: generalTodo.config }
  return { ...base, class: 'reconnect', kind, todo: code?.todo ?? generalTodo[kind] }
}

/** Several numbers may come (`[70002, 70008]`): the one that says more about the sign-in counts. */
function rowOf({ error_codes = [] }: ErrorBody): EntraCode | undefined {
  const rows = error_codes.flatMap((number) => entraCodes.get(number) ?? (/^53\d{3,}$/.test(String(number)) ? [blocked] : []))
  return rows.find((row) => row.class !== 'config') ?? rows[0]
}

/** Every 53xxx is a Conditional Access decision. */
const blocked: EntraCode = { class: 'reconnect', kind: 'policy', todo: generalTodo.policy }

function told({
  error,
  error_description = '',
  error_codes,
  trace_id,
  correlation_id,
  claims,
}: ErrorBody): Omit<Refusal, 'class' | 'todo'> {
  const number = error_description.match(/^AADSTS\d+/)?.[0] ?? (error_codes?.[0] === undefined ? undefined : `AADSTS${error_codes[0]}`)
  return {
    words: error_description.replace(/\s*Trace ID:[\s\S]*$/, '').trim() || (error ?? ''),
    ...(error !== undefined && { error }),
    ...(number !== undefined && { number }),
    ...(trace_id !== undefined && { traceId: trace_id }),
    ...(correlation_id !== undefined && { correlationId: correlation_id }),
    ...(claims !== undefined && { claims }),
  }
}
