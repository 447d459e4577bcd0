import type { Counts } from '../counts.ts'
import type { Directory } from '../identity/directory.ts'
import type { Ambush } from './ambush.ts'
import { freshRefreshToken, sandboxConnection } from './connection.ts'
import type { Control } from './control.ts'
import {
  addAdfsRedirect,
  addCertificate,
  addFederatedCredential,
  expireAccessTokens,
  failTokenEndpoint,
  killRefreshTokens,
  mendTokenEndpoint,
  reviveRefreshTokens,
  revokeAccessTokens,
  revokeConsent,
} from './orders.ts'

export interface SignInState {
  directory: Directory
  counts: Counts
  ambush: Ambush
}

export const signInControls: readonly Control<SignInState>[] = [
  {
    method: 'GET',
    path: '/connection',
    about: 'address, credentials and a new refresh token',
    handle({ directory }, _, { req }) {
      const { origin } = new URL(req.url)
      return { ...sandboxConnection(directory, origin), refresh_token: freshRefreshToken(directory, origin) }
    },
  },
  {
    method: 'GET',
    path: '/account',
    about: 'user name and password of the one person, for the password grant',
    handle: ({ directory: { user, password } }) => ({ username: user.principalName, password }),
  },
  { method: 'GET', path: '/requests', about: 'how often what was asked', handle: ({ counts }) => counts.read() },
  {
    method: 'POST',
    path: '/requests/reset',
    about: 'counts begin anew',
    handle({ counts }) {
      counts.reset()
      return {}
    },
  },
  {
    method: 'POST',
    path: '/refresh-tokens/kill',
    about: 'every refresh token is refused; a new sign-in works',
    fields: { code: 'AADSTS number, default 700082' },
    handle: ({ directory }, order) => killRefreshTokens(directory, order),
  },
  {
    method: 'POST',
    path: '/refresh-tokens/revive',
    about: 'killed refresh tokens are good again',
    handle: ({ directory }) => reviveRefreshTokens(directory),
  },
  {
    method: 'POST',
    path: '/access-tokens/expire',
    about: 'every access token is refused',
    handle: ({ directory }) => expireAccessTokens(directory),
  },
  {
    method: 'POST',
    path: '/access-tokens/revoke',
    about: 'the same, with a claims challenge for clients that understand it',
    handle: ({ directory }) => revokeAccessTokens(directory),
  },
  {
    method: 'POST',
    path: '/consent/revoke',
    about: 'what the person agreed to is taken back until the next sign-in',
    handle: ({ directory }) => revokeConsent(directory),
  },
  {
    method: 'POST',
    path: '/certificates',
    about: 'the app may sign assertions with one more certificate',
    fields: { pem: 'certificate in PEM' },
    handle: ({ directory }, order) => addCertificate(directory, order),
  },
  {
    method: 'POST',
    path: '/federated-credentials',
    about: "tokens of another issuer stand in for the app's secret",
    fields: {
      issuer: 'of the tokens',
      subject: 'of the tokens',
      audience: 'default api://AzureADTokenExchange',
      keys: 'list of JSON web keys',
    },
    handle: ({ directory }, order) => addFederatedCredential(directory, order),
  },
  {
    method: 'POST',
    path: '/adfs/redirects',
    about: 'one more redirect that AD FS takes',
    fields: { redirect_uri: 'address, exact to the last slash' },
    handle: ({ directory }, order) => addAdfsRedirect(directory, order),
  },
  {
    method: 'POST',
    path: '/before-next',
    about: 'orders that are carried out when a request comes, before it is looked at',
    fields: { path: 'part of the address to wait for', do: 'list of refresh-tokens/kill, access-tokens/expire' },
    handle: ({ ambush }, order) => ambush.lay(order),
  },
  {
    method: 'POST',
    path: '/token-endpoint/fail',
    about: 'the next calls of the token endpoint fail',
    fields: {
      times: 'how many, default 1',
      status: 'from 400 to 599',
      retry_after: 'seconds, default 60 with 429',
      code: 'AADSTS number, instead of a status',
    },
    handle: ({ directory }, order) => failTokenEndpoint(directory, order),
  },
  {
    method: 'DELETE',
    path: '/token-endpoint/fail',
    about: 'calls of the token endpoint fail no more',
    handle: ({ directory }) => mendTokenEndpoint(directory),
  },
]
