/**
 * The error tables of the facts sheet on sign-in, row by row, written from the sheet and not from the code: "AADSTS table", "`error` and
 * `suberror` -> class", "Error payload and MSIS codes", with the kinds of "State machine of a connection".
 */
export interface Row {
  numbers: (number | string)[]
  /** Class and, where a person must act, kind. */
  is: `reconnect ${'expired' | 'revoked' | 'mfa' | 'consent' | 'policy' | 'password'}` | 'config' | 'transient' | 'pending'
  /** What `error` comes with it: as seen, or what its class leads to expect where the sheet has seen none. */
  errors: string[]
  suberror?: string
  status?: number
  claims?: string
  /** What a person is told. */
  says: RegExp
  /** The first refusal is looked at twice. */
  twice?: true
  /** A further try may lock the account. */
  locksOut?: true
  atLeastMs?: number
}

const grant = ['invalid_grant']
/** Seen as `invalid_grant` of v2 and `interaction_required` of v1. */
const interaction = ['invalid_grant', 'interaction_required']
const request = ['invalid_request', 'invalid_grant']
const client = ['unauthorized_client', 'invalid_client']
const service = ['invalid_grant', 'temporarily_unavailable', 'invalid_request', 'server_error']

export const aadsts: Row[] = [
  // RECONNECT: refresh token or session is finished
  { numbers: [70008], is: 'reconnect expired', errors: grant, says: /not used for too long: sign in again/ },
  { numbers: [700082], is: 'reconnect expired', errors: grant, says: /90 days: sign in again, and keep the schedule shorter/ },
  { numbers: [700084], is: 'reconnect expired', errors: grant, says: /single-page apps.*24 hours.*Web or Native, then sign in again/ },
  { numbers: [50173], is: 'reconnect revoked', errors: grant, suberror: 'bad_token', says: /revoked.*sign in again/ },
  {
    numbers: [70043],
    is: 'reconnect expired',
    errors: grant,
    suberror: 'token_expired',
    says: /frequency.*sign in again.*administrator sets/,
  },
  { numbers: [50089], is: 'reconnect expired', errors: grant, says: /sign in again/i },
  { numbers: [50132, 50133], is: 'reconnect revoked', errors: grant, says: /password change or a revocation: sign in again/ },
  { numbers: [70000], is: 'reconnect revoked', errors: grant, twice: true, says: /sign in again/i },
  { numbers: [50085], is: 'reconnect mfa', errors: interaction, says: /sign in again/i },
  { numbers: [54005], is: 'reconnect expired', errors: grant, says: /start the sign-in again/i },
  { numbers: [501481, 50147, 501491], is: 'reconnect expired', errors: grant, says: /start the sign-in again/i },
  { numbers: [700005], is: 'config', errors: grant, says: /`tenant`.*start the sign-in again/ },
  { numbers: [700020], is: 'reconnect mfa', errors: interaction, says: /sign in again/i },
  { numbers: [16000, 50058, 50199, 50140], is: 'reconnect mfa', errors: interaction, says: /in the browser/ },

  // RECONNECT: MFA, or the user must act
  { numbers: [50076], is: 'reconnect mfa', errors: interaction, suberror: 'basic_action', says: /second factor.*application user/ },
  { numbers: [50078], is: 'reconnect mfa', errors: interaction, says: /sign in again/i },
  { numbers: [50079, 50072], is: 'reconnect mfa', errors: interaction, says: /register a second factor.*sign in again/i },
  { numbers: [50074], is: 'reconnect mfa', errors: interaction, says: /sign in again/i },
  {
    numbers: [50055, 50144],
    is: 'reconnect password',
    errors: ['user_password_expired', 'invalid_grant'],
    says: /change it, then sign in again/,
  },
  { numbers: [50126, 50056], is: 'reconnect password', errors: grant, locksOut: true, says: /correct the password/i },
  {
    numbers: [50053],
    is: 'reconnect password',
    errors: ['invalid_grant', 'unauthorized_client'],
    locksOut: true,
    says: /wait or ask an administrator/,
  },
  { numbers: [50057], is: 'reconnect policy', errors: grant, says: /disabled: ask an administrator/ },
  { numbers: [50034], is: 'config', errors: grant, suberror: 'bad_token', says: /`tenant`.*guest/ },
  { numbers: [51004, 50020, 50014], is: 'config', errors: grant, says: /`tenant`.*guest/ },
  { numbers: [50135, 50125], is: 'reconnect password', errors: grant, says: /in the browser/ },
  { numbers: [50158, 50161], is: 'reconnect mfa', errors: interaction, says: /in the browser/ },

  // POLICY: reconnecting alone may not help, an administrator is needed
  {
    numbers: [53003],
    is: 'reconnect policy',
    errors: interaction,
    suberror: 'message_only',
    claims: '{"access_token":{"capolids":{"essential":true,"values":["9d000000-0000-4000-8000-00000000f00d"]}}}',
    says: /Conditional Access.*administrator.*correlation id/,
  },
  { numbers: [53000, 53001, 53002, 50097, 50129, 50005], is: 'reconnect policy', errors: interaction, says: /device.*administrator/ },
  { numbers: [530032, 530034, 530035, 53004, 53011, 50131], is: 'reconnect policy', errors: interaction, says: /administrator/ },
  { numbers: [50105], is: 'reconnect policy', errors: interaction, says: /administrator must assign/ },
  {
    numbers: [500021, 500022, 500212, 500213, 50002],
    is: 'reconnect policy',
    errors: interaction,
    says: /Tenant restrictions.*administrator/,
  },

  // CONSENT
  { numbers: [65001], is: 'reconnect consent', errors: grant, suberror: 'consent_required', says: /consent, or let an administrator/ },
  { numbers: [65004], is: 'reconnect consent', errors: ['access_denied', 'invalid_grant'], says: /sign in again and consent/i },
  { numbers: [90094, 90095], is: 'reconnect consent', errors: grant, says: /administrator must consent/ },
  { numbers: [90008], is: 'reconnect consent', errors: grant, says: /registration/ },
  { numbers: [65005, 650056, 650057, 650054, 650052], is: 'config', errors: grant, says: /`user_impersonation` of Dynamics CRM/ },

  // CONFIG
  { numbers: [7000215], is: 'config', errors: ['invalid_client'], status: 401, says: /`client_secret`.*value of the secret, not its id/ },
  { numbers: [7000222], is: 'config', errors: ['invalid_client'], status: 401, says: /expired: make a new one/ },
  { numbers: [70002], is: 'config', errors: ['invalid_client'], status: 401, says: /registration/ },
  { numbers: [7000218], is: 'config', errors: ['invalid_client'], status: 401, says: /`client_secret`, or allow public client/ },
  { numbers: [700025], is: 'config', errors: ['invalid_client', 'invalid_request'], says: /remove `client_secret`/ },
  {
    numbers: [700027, 700030, 50012, 50027, 50048, 900384],
    is: 'config',
    errors: ['invalid_client'],
    status: 401,
    says: /certificate.*clock/,
  },
  { numbers: [700016, 700011, 70001], is: 'config', errors: client, says: /`client_id` or `tenant`/ },
  { numbers: [7000112, 1000031], is: 'config', errors: client, says: /administrator/ },
  { numbers: [90002], is: 'config', errors: ['invalid_request', 'invalid_tenant'], says: /`tenant` or `authority`/ },
  { numbers: [90038, 900382, 900432, 90051, 50049], is: 'config', errors: request, says: /`authority`.*national cloud/ },
  { numbers: [50194, 90130, 90124, 9001023], is: 'config', errors: request, says: /`tenant`: use the id/ },
  { numbers: [500011, 50001], is: 'config', errors: ['invalid_resource'], says: /`url`/ },
  { numbers: [50011, 900971, 70004], is: 'config', errors: request, says: /redirect URI.*exactly/ },
  { numbers: [70011, 28002, 28003, 700022, 700023], is: 'config', errors: ['invalid_scope'], says: /`scopes`/ },
  { numbers: [901002], is: 'config', errors: ['invalid_request'], says: /`scopes`/ },
  { numbers: [70003], is: 'config', errors: ['unsupported_grant_type'], says: /`auth`/ },
  { numbers: [9002313], is: 'config', errors: request, says: /fault of the runner or a garbled refresh token/ },
  { numbers: [90014, 900144, 90023, 90013, 90100, 90056, 900561], is: 'config', errors: ['invalid_request'], says: /fault of the runner/ },
  { numbers: [700229], is: 'config', errors: request, says: /federated credential/ },

  // TRANSIENT
  { numbers: [50196], is: 'transient', errors: grant, atLeastMs: 60_000, says: /throttles this connection/ },
  { numbers: [90055], is: 'transient', errors: service, says: /throttles the tenant/ },
  { numbers: [90006, 90024, 90033, 90090, 90091, 90012, 50033, 40010], is: 'transient', errors: service, says: /tried again by itself/ },
  { numbers: [50087, 50088], is: 'transient', errors: service, says: /second-factor service/ },
  { numbers: [80001, 80002, 80005, 80007, 80014], is: 'transient', errors: service, says: /agent.*administrator/ },
  { numbers: [50000, 90036, 90092, 50086, 40008], is: 'config', errors: grant, twice: true, says: /trace id/ },

  // several numbers at once, and numbers that no page knows
  { numbers: [12345678], is: 'reconnect revoked', errors: grant, says: /sign in again/i },
  { numbers: [530099], is: 'reconnect policy', errors: interaction, says: /administrator/ },
]

/** The same without a number that says more: `error` and `suberror` decide. */
export const errors: { error?: string; suberror?: string; numbers?: number[]; is: Row['is'] }[] = [
  { error: 'invalid_grant', is: 'reconnect revoked' },
  { error: 'interaction_required', is: 'reconnect mfa' },
  { error: 'consent_required', is: 'reconnect consent' },
  { error: 'login_required', is: 'reconnect mfa' },
  { error: 'bad_token', is: 'reconnect revoked' },
  { error: 'interrupted_user', is: 'reconnect mfa' },
  { error: 'ux_not_allowed', is: 'reconnect mfa' },
  { error: 'user_password_expired', is: 'reconnect password' },
  { error: 'invalid_client', is: 'config' },
  { error: 'unauthorized_client', is: 'config' },
  { error: 'invalid_resource', is: 'config' },
  { error: 'invalid_scope', is: 'config' },
  { error: 'invalid_request', is: 'config' },
  { error: 'unsupported_grant_type', is: 'config' },
  { error: 'unsupported_response_type', is: 'config' },
  { error: 'temporarily_unavailable', is: 'transient' },
  { error: 'server_error', is: 'transient' },
  { error: 'authorization_pending', is: 'pending' },
  { error: 'slow_down', is: 'pending' },
  { error: 'invalid_grant', suberror: 'message_only', is: 'reconnect policy' },
  { error: 'invalid_grant', suberror: 'additional_action', is: 'reconnect mfa' },
  { error: 'invalid_grant', suberror: 'basic_action', is: 'reconnect mfa' },
  { error: 'invalid_grant', suberror: 'user_password_expired', is: 'reconnect password' },
  { error: 'invalid_grant', suberror: 'consent_required', is: 'reconnect consent' },
  { error: 'invalid_grant', suberror: 'bad_token', is: 'reconnect revoked' },
  { error: 'invalid_grant', suberror: 'ux_not_allowed', is: 'reconnect mfa' },
  { error: 'invalid_grant', suberror: 'interrupted_user', is: 'reconnect mfa' },
  { error: 'invalid_grant', suberror: 'token_expired', is: 'reconnect expired' },
  // The companion of the old number says more.
  { error: 'invalid_grant', numbers: [70002, 70008], is: 'reconnect expired' },
  { error: 'invalid_grant', numbers: [70002], is: 'reconnect revoked' },
  { error: 'invalid_client', numbers: [70002, 70008], is: 'config' },
  { error: 'something_new', is: 'config' },
  { is: 'config' },
]

export const msis: Row[] = [
  { numbers: ['MSIS9615'], is: 'reconnect expired', errors: grant, status: 401, says: /sign in again.*SsoLifetime/ },
  { numbers: ['MSIS9615'], is: 'reconnect expired', errors: grant, status: 400, says: /sign in again/ },
  { numbers: ['MSIS9612'], is: 'reconnect expired', errors: grant, says: /start the sign-in again/i },
  { numbers: ['MSIS9720'], is: 'reconnect expired', errors: grant, says: /start the sign-in again/i },
  { numbers: ['MSIS9659'], is: 'reconnect password', errors: grant, locksOut: true, says: /user name or password/ },
  { numbers: ['MSIS9602'], is: 'config', errors: ['invalid_resource'], says: /`resource`/ },
  {
    numbers: ['MSIS9605'],
    is: 'config',
    errors: ['unauthorized_client', 'invalid_grant', 'access_denied'],
    says: /Grant-AdfsApplicationPermission/,
  },
  { numbers: ['MSIS9607'], is: 'config', errors: ['invalid_client'], says: /`client_id`/ },
  { numbers: ['MSIS9622'], is: 'config', errors: ['invalid_client'], says: /`client_secret`/ },
  { numbers: ['MSIS9999'], is: 'reconnect expired', errors: grant, says: /sign in again/i },
  { numbers: ['MSIS9999'], is: 'config', errors: ['invalid_client', 'invalid_scope', 'never_seen'], says: /registration/ },
  { numbers: ['MSIS9999'], is: 'reconnect mfa', errors: ['interaction_required', 'login_required'], says: /sign in again/i },
  { numbers: ['MSIS9999'], is: 'transient', errors: ['server_error', 'temporarily_unavailable'], says: /tried again by itself/ },
  { numbers: ['MSIS9999'], is: 'pending', errors: ['authorization_pending', 'slow_down'], says: /./ },
]
