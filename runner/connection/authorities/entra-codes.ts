import type { ReconnectKind } from '../token-store.ts'

/** What an AADSTS number means to us. */
export interface EntraCode {
  class: 'reconnect' | 'config' | 'transient'
  kind?: ReconnectKind
  /** What the person who reads the error is told to do. */
  todo: string
  tryOnceMore?: boolean
  atLeastMs?: number
  /** The number counts even where `error` says that the credentials are at fault. */
  outweighsError?: boolean
  /** Each further try may lock the account. */
  locksOut?: true
}

const minute = 60_000

const reconnect = (kind: ReconnectKind, todo: string, more: Partial<EntraCode> = {}): EntraCode => ({
  class: 'reconnect',
  kind,
  todo,
  ...more,
})
const config = (todo: string, more: Partial<EntraCode> = {}): EntraCode => ({ class: 'config', todo, ...more })
const transient = (todo: string, more: Partial<EntraCode> = {}): EntraCode => ({ class: 'transient', todo, ...more })

const again = 'Sign in again.'
const administrator = 'Ask an administrator of the organization, and give the correlation id; signing in again may not help alone.'
const browser = 'Sign in again in the browser and follow what it asks.'
const fault = 'This looks like a fault of the runner or a garbled refresh token: sign in again, and report it if it stays.'
const tenant = 'Correct `tenant`: use the id of the tenant that the organization belongs to.'
const cloud = 'Correct `authority` and `tenant`: the tenant belongs to another national cloud.'
const passes = 'It is tried again by itself.'

/** Rows of the facts sheet "AADSTS table", in its order. Names and meanings: Microsoft's page of authentication error codes. */
export const entraRows: readonly [numbers: readonly number[], code: EntraCode][] = [
  [[70008], reconnect('expired', 'The connection was not used for too long: sign in again.')],
  [[700082], reconnect('expired', 'The connection was not used for 90 days: sign in again, and keep the schedule shorter than that.')],
  [
    [700084],
    reconnect(
      'expired',
      'The redirect URI is registered for single-page apps, whose sign-ins end after 24 hours: register it as Web or Native, then sign in again.',
    ),
  ],
  [[50173], reconnect('revoked', 'The sign-in was revoked, by a changed password or an administrator: sign in again.')],
  [
    [70043],
    reconnect('expired', 'The sign-in frequency of the organization is reached: sign in again; an administrator sets the interval.'),
  ],
  [[50089], reconnect('expired', again)],
  [[50132, 50133], reconnect('revoked', 'The session ended with a password change or a revocation: sign in again.')],
  [[70000], reconnect('revoked', again, { tryOnceMore: true })],
  [[50085, 700020], reconnect('mfa', browser)],
  [[54005, 501481, 50147, 501491], reconnect('expired', 'Start the sign-in again.')],
  [[700005], config(`${tenant} Where it is left out, start the sign-in again.`)],
  [[16000, 50058, 50199, 50140], reconnect('mfa', browser)],

  [
    [50076, 50078],
    reconnect(
      'mfa',
      'Sign in again with a second factor; for runs without a person, use an application user (`auth: client_credentials`).',
    ),
  ],
  [[50079, 50072], reconnect('mfa', 'Register a second factor for the account, then sign in again.')],
  [[50074], reconnect('mfa', 'Sign in again and pass the second factor.')],
  [[50055, 50144], reconnect('password', 'The password has expired: change it, then sign in again.')],
  [[50126, 50056], reconnect('password', 'Correct the password, then sign in again.', { locksOut: true })],
  [
    [50053],
    reconnect('password', 'The account is locked: wait or ask an administrator, then sign in again.', {
      outweighsError: true,
      locksOut: true,
    }),
  ],
  [[50057], reconnect('policy', 'The account is disabled: ask an administrator.')],
  [
    [50034, 51004, 50020, 50014],
    config('The user is not in this tenant: correct `tenant`, sign in as another user, or let the tenant invite this one as a guest.'),
  ],
  [[50135, 50125], reconnect('password', browser)],
  [[50158, 50161], reconnect('mfa', browser)],

  [[53003], reconnect('policy', `Conditional Access blocks this sign-in. ${administrator}`)],
  [[53000, 53001, 53002, 50097, 50129, 50005], reconnect('policy', `The organization wants a device that it manages. ${administrator}`)],
  [[530032, 530034, 530035, 53004, 53011, 50131], reconnect('policy', administrator)],
  [[50105], reconnect('policy', 'An administrator must assign the user to the app.')],
  [[500021, 500022, 500212, 500213, 50002], reconnect('policy', `Tenant restrictions block this sign-in. ${administrator}`)],

  [[65001, 65004], reconnect('consent', 'Sign in again and consent, or let an administrator consent for the organization.')],
  [[90094, 90095], reconnect('consent', 'An administrator must consent to the app for the organization.')],
  [[90008], reconnect('consent', 'The app registration lacks the permission to sign users in: add it, then sign in again.')],
  [
    [65005, 650056, 650057, 650054, 650052],
    config('Add the delegated permission `user_impersonation` of Dynamics CRM to the app registration.'),
  ],

  [[7000215], config('Correct `client_secret`: it takes the value of the secret, not its id.')],
  [[7000222], config('The client secret has expired: make a new one.')],
  [[7000218], config('The app needs a credential: set `client_secret`, or allow public client flows in its registration.')],
  [[700025], config('The app is registered as a public client: remove `client_secret`.')],
  [[700027, 700030, 50012, 50027, 50048, 900384], config('Correct the certificate of the app, and check the clock of this machine.')],
  [[700016, 700011, 70001], config('Correct `client_id` or `tenant`: the app is not in this tenant.')],
  [[7000112, 1000031], config('The app is disabled: ask an administrator.')],
  [[90002], config('Correct `tenant` or `authority`: there is no such tenant in this cloud.')],
  [[90038, 900382, 900432, 90051, 50049], config(cloud)],
  [[50194, 90130, 90124, 9001023], config(tenant)],
  [[500011, 50001], config('Correct `url`, `subdomain` or `resource`: the tenant does not know this organization.')],
  [[50011, 900971, 70004], config('Register the redirect URI with the app exactly as it is sent.')],
  [[70011, 28002, 28003, 700022, 700023], config('Correct `scopes`: all of one resource, or leave them out.')],
  [[901002], config('Correct `scopes`: this endpoint takes no `resource` parameter.')],
  [[70003], config('Allow this way of signing in for the app, or choose another `auth`.')],
  [[9002313], config(fault)],
  [[90014, 900144, 90023, 90013, 90100, 90056, 900561], config(fault)],
  [[700229], config('The federated credential must belong to an app, not to a user.')],

  [[50196], transient('The authority throttles this connection: fewer processes should sign in with it.', { atLeastMs: minute })],
  [[90055], transient('The authority throttles the tenant.')],
  [[90006, 90024, 90033, 90090, 90091, 90012, 50033, 40010], transient(passes)],
  [[50087, 50088], transient('The second-factor service has a fault.')],
  [
    [80001, 80002, 80005, 80007, 80014],
    transient("The tenant's pass-through sign-in agent has a fault; if it stays, tell an administrator."),
  ],
  [
    [50000, 90036, 90092, 50086, 40008],
    config('The authority has a fault that does not pass by itself: report the trace id to Microsoft.', { tryOnceMore: true }),
  ],
]

/** What each AADSTS number means. */
export const entraCodes: ReadonlyMap<number, EntraCode> = new Map(
  entraRows.flatMap(([numbers, code]) => numbers.map((number) => [number, code] as const)),
)
