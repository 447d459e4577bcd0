import type { ReconnectKind } from '../token-store.ts'
import { type Authority, configErrors, errorBody, generalTodo, passing, type Refusal, type TokenAnswer } from './authority.ts'

/** AD FS, on-premises: no rotation in the plain case, and the resource travels as a parameter. Facts sheet "AD FS as authorization server". */
export const adfs: Authority = {
  known({ authorityUrl, resource, resourceGuessed }) {
    return authorityUrl === undefined || resourceGuessed ? undefined : { authorityUrl: authorityUrl.replace(/\/+$/, ''), resource }
  },

  endpoints({ authorityUrl }) {
    return {
      issuer: authorityUrl,
      authorize: `${authorityUrl}/oauth2/authorize`,
      token: `${authorityUrl}/oauth2/token`,
      device: `${authorityUrl}/oauth2/devicecode`,
    }
  },

  // Whether refresh tokens come is a setting of the relying party here, not a scope.
  scopes: ({ scopes }) => scopes ?? ['openid'],

  parameters: (resource) => ({ resource }),

  // PS256 is not among what its discovery document lists.
  assertion: { algorithm: 'RS256', thumbprint: ({ sha1 }) => ({ x5t: sha1 }) },

  classify,
}

/** Rows of the facts sheet "Error payload and MSIS codes". No list of Microsoft's was found, so unknown numbers go by `error`. */
export const adfsCodes: Record<string, { class: 'reconnect' | 'config'; kind?: ReconnectKind; locksOut?: true; todo: string }> = {
  MSIS9615: {
    class: 'reconnect',
    kind: 'expired',
    todo: 'The sign-in has reached its end: sign in again. An administrator can lengthen it with `Set-AdfsProperties -SsoLifetime`.',
  },
  MSIS9612: { class: 'reconnect', kind: 'expired', todo: 'Start the sign-in again.' },
  MSIS9720: { class: 'reconnect', kind: 'expired', todo: 'Start the sign-in again.' },
  MSIS9659: {
    class: 'reconnect',
    kind: 'password',
    locksOut: true,
    todo: 'Correct user name or password. Until then it is not tried again, since wrong ones lock the account.',
  },
  MSIS9602: { class: 'config', todo: 'Correct `resource`: AD FS knows no relying party of that identifier; mind a slash at its end.' },
  MSIS9605: { class: 'config', todo: 'Let an administrator run `Grant-AdfsApplicationPermission` for this client and resource.' },
  MSIS9607: { class: 'config', todo: 'Correct `client_id`: AD FS does not know it.' },
  MSIS9622: { class: 'config', todo: 'Correct `client_secret`.' },
}

/** AD FS answers 400 or 401 for the same thing, so `error` decides and never the status. */
function classify(answer: TokenAnswer): Refusal {
  if (answer.status === 404 && answer.body.trim() === '') {
    return { class: 'config', words: 'an empty 404', todo: 'Correct `ad_domain` or `authority`: there is no AD FS at this address.' }
  }
  const body = errorBody(answer.body)
  const description = body?.error_description ?? ''
  const number = description.match(/^MSIS\d+/)?.[0]
  const told = {
    words: description || body?.error || '',
    ...(body?.error !== undefined && { error: body.error }),
    ...(number && { number }),
  }
  const transient = passing(answer)
  if (transient) return { ...transient, ...(description && told) }
  const row = number === undefined ? undefined : adfsCodes[number]
  if (row) return { ...row, ...told }
  const error = body?.error ?? ''
  if (error === 'authorization_pending' || error === 'slow_down') return { class: 'pending', todo: 'Finish the sign-in.', ...told }
  if (error === 'temporarily_unavailable' || error === 'server_error')
    return { class: 'transient', todo: 'It is tried again by itself.', ...told }
  if (error === 'invalid_grant') return { class: 'reconnect', kind: 'expired', todo: generalTodo.expired, ...told }
  if (error === 'interaction_required' || error === 'login_required')
    return { class: 'reconnect', kind: 'mfa', todo: generalTodo.mfa, ...told }
  return {
    class: 'config',
    todo: configErrors.has(error) ? generalTodo.config : `AD FS refused with an error that is not known here. ${generalTodo.config}`,
    ...told,
  }
}
