// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the examples are recipe expressions
import { OneOf, Secret, type Static, Type } from '../../runner/connector/index.ts'

const text = (title: string, description: string, ...examples: string[]) => Type.String({ minLength: 1, title, description, examples })

/** The connection block of an organization, in the cloud or on-premises. */
export const settings = Type.Object(
  {
    account_type: OneOf(['cloud', 'on_premise'], {
      title: 'Account type',
      description:
        '`cloud`: Dynamics 365 online, signed in through Microsoft Entra. `on_premise`: Customer Engagement signed in through AD FS.',
      examples: ['cloud'],
    }),
    subdomain: Type.Optional(
      text(
        'Subdomain',
        'Which organization: `contoso` (= `contoso.crm.dynamics.com`), `contoso.crm4`, or a full host name. On-premises always a full host name.',
        'contoso',
        'contoso.crm4',
        'contoso.crm.microsoftdynamics.us',
      ),
    ),
    url: Type.Optional(
      text(
        'URL',
        'Whole base URL instead of `subdomain`, without `/api/data`: for on-premises addresses with a path and for test servers. Plain http only to this machine.',
        'https://crm.contoso.com/sales',
        'http://127.0.0.1:8365',
      ),
    ),
    ad_domain: Type.Optional(
      text('AD FS host', 'Host name of the AD FS server that signs in. Required on-premises, refused in the cloud.', 'adfs.contoso.com'),
    ),
    client_id: Type.Optional(
      text(
        'Client id',
        'Application (client) id of the app registration. With `auth: managed_identity`, that of a user-assigned identity. Required unless `auth` is `managed_identity`, or `workload_identity` with AZURE_CLIENT_ID in the environment.',
        '11111111-2222-3333-4444-555555555555',
      ),
    ),
    client_secret: Type.Optional(
      Secret({
        title: 'Client secret',
        description: 'Secret of the app registration; left out for public clients.',
        examples: ['${{ secrets.D365_CLIENT_SECRET }}'],
      }),
    ),
    client_certificate: Type.Optional(
      Secret({
        title: 'Client certificate',
        description:
          'Certificate of the app registration with its private key, instead of a secret: the text of a PEM file that holds both, or of a PFX file in base64. It signs with PS256 for Entra and with RS256 for AD FS.',
        examples: ['${{ secrets.D365_CLIENT_CERTIFICATE }}'],
      }),
    ),
    client_certificate_file: Type.Optional(
      text(
        'Client certificate file',
        'The same as a PEM or PFX file, from the folder of this connection block on. It is read each time that the connection is opened.',
        'certificates/runner.pfx',
      ),
    ),
    client_certificate_password: Type.Optional(
      Secret({
        title: 'Client certificate password',
        description: 'Password of the private key or of the PFX, where it has one.',
        examples: ['${{ secrets.D365_CERTIFICATE_PASSWORD }}'],
      }),
    ),
    client_secret_expires: Type.Optional(
      Type.String({
        pattern: '^\\d{4}-\\d{2}-\\d{2}$',
        title: 'Client secret expires',
        description: 'Day on which the client secret ends. Nobody can ask the authority for it; with it, the runner warns in time.',
        examples: ['2027-03-31'],
      }),
    ),
    auth: Type.Optional(
      OneOf(['authorization_code', 'client_credentials', 'refresh_token', 'managed_identity', 'workload_identity', 'password'], {
        default: 'authorization_code',
        title: 'Sign-in',
        description:
          '`authorization_code`: a person signs in with `runner connect`. `client_credentials`: the app itself, as an application user. `refresh_token`: a refresh token that is given. `managed_identity`: the identity of the Azure host, without any secret. `workload_identity`: as the app, proved by a token of another issuer (Kubernetes, GitHub Actions). `password`: user name and password, on-premises only and for labs.',
        examples: ['client_credentials'],
      }),
    ),
    federated_token_file: Type.Optional(
      text(
        'Federated token file',
        'With `auth: workload_identity`: the file that holds the token of the other issuer, read anew for each sign-in. When left out, AZURE_FEDERATED_TOKEN_FILE names it, or GitHub Actions is asked.',
        '/var/run/secrets/azure/tokens/azure-identity-token',
      ),
    ),
    username: Type.Optional(text('User name', 'With `auth: password`.', 'runner@contoso.local', 'CONTOSO\\runner')),
    password: Type.Optional(
      Secret({
        title: 'Password',
        description:
          'With `auth: password`. A wrong one is sent once and not again until it is changed or `runner connections test` is called, since AD FS would lock the account.',
        examples: ['${{ secrets.D365_PASSWORD }}'],
      }),
    ),
    refresh_token: Type.Optional(
      Secret({
        title: 'Refresh token',
        description: 'The first refresh token, with `auth: refresh_token`. Later ones are kept in the store.',
        examples: ['${{ secrets.D365_REFRESH_TOKEN }}'],
      }),
    ),
    tenant: Type.Optional(text('Tenant', 'Tenant id or domain. Found from the organization when left out.', 'contoso.onmicrosoft.com')),
    authority: Type.Optional(
      text(
        'Authority',
        'Base URL of the authority, without tenant. Found from the organization when left out.',
        'https://login.microsoftonline.us',
      ),
    ),
    resource: Type.Optional(
      text('Resource', 'What tokens are asked for; default the base URL of the organization.', 'https://contoso.crm4.dynamics.com'),
    ),
    scopes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        title: 'Scopes',
        description: 'Instead of the scopes that follow from the resource.',
        examples: [['https://contoso.crm4.dynamics.com/.default', 'offline_access']],
      }),
    ),
    redirect_uri: Type.Optional(
      text(
        'Redirect URI',
        'Loopback address that `runner connect` listens on; default `http://localhost` with any free port. AD FS needs the registered one, port included.',
        'http://localhost:8400/',
      ),
    ),
    api_version: Type.Optional(
      Type.String({
        pattern: '^\\d+\\.\\d+$',
        title: 'API version',
        description: 'Version of the Web API; default `9.2` in the cloud and `9.1` on-premises.',
        examples: ['9.2'],
      }),
    ),
    act_as: Type.Optional(
      Type.Object(
        {
          object_id: Type.Optional(text('Object id', 'Object id of the user in Microsoft Entra.', '22222222-3333-4444-5555-666666666666')),
          system_user_id: Type.Optional(
            text(
              'System user id',
              '`systemuserid` of the user; the only form that on-premises knows.',
              '33333333-4444-5555-6666-777777777777',
            ),
          ),
        },
        {
          additionalProperties: false,
          minProperties: 1,
          maxProperties: 1,
          title: 'Act as',
          description: 'Everything is done in the name of this user. Needs the privilege to act on behalf of another user (role Delegate).',
          examples: [{ object_id: '22222222-3333-4444-5555-666666666666' }],
        },
      ),
    ),
    affinity: Type.Optional(
      Type.Boolean({
        default: false,
        title: 'Affinity',
        description:
          'Keep the cookie that ties requests to one web server: reads see the last writes, but throughput is that of one server.',
        examples: [true],
      }),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          at_once: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 52,
              default: 8,
              title: 'At once',
              description: 'Most requests under way.',
              examples: [16],
            }),
          ),
        },
        {
          additionalProperties: false,
          title: 'Limits',
          description: 'How much of what the server allows this connection may use.',
          examples: [{ at_once: 16 }],
        },
      ),
    ),
    suppress_duplicate_detection: Type.Optional(
      Type.Boolean({
        title: 'Suppress duplicate detection',
        description:
          '`false` lets the duplicate-detection rules of the organization judge every create and update. The Web API leaves them out by default.',
        examples: [false],
      }),
    ),
    tag: Type.Optional(
      text('Tag', 'Text that plug-ins find among their shared variables under `tag`, with every write.', 'nightly-import'),
    ),
    timeout: Type.Optional(
      Type.String({
        pattern: '^\\d+(ms|s|m)$',
        default: '100s',
        title: 'Timeout',
        description:
          'How long one request may take; batches have 5 minutes. Waiting for an access token, while the token endpoint fails, takes no longer either.',
        examples: ['100s', '2m'],
      }),
    ),
  },
  { additionalProperties: false },
)

export type Settings = Static<typeof settings>

type Fragment = Record<string, unknown>

function rule(condition: Fragment, demand: Fragment, errorMessage: string): Fragment {
  return { if: condition, then: demand, errorMessage }
}

const has = (field: string): Fragment => ({ required: [field] })
const hasNot = (field: string): Fragment => ({ not: has(field) })
const is = (field: string, value: string): Fragment => ({ properties: { [field]: { const: value } }, required: [field] })

const anyOf = (...fragments: Fragment[]): Fragment => ({ anyOf: fragments })

/** Each proves the app registration alone. */
const clientSecrets = ['client_secret', 'client_certificate', 'client_certificate_file']

/** Rules between the fields. */
export const rules: Fragment[] = [
  rule(hasNot('url'), has('subdomain'), 'Say which organization: `subdomain` or `url`.'),
  rule(has('url'), hasNot('subdomain'), '`url` and `subdomain` say the same thing; keep one of them.'),
  rule(is('account_type', 'on_premise'), has('ad_domain'), '`ad_domain`, the host name of the AD FS server, is required on-premises.'),
  rule(
    is('account_type', 'cloud'),
    hasNot('ad_domain'),
    '`ad_domain` belongs to `account_type: on_premise`; in the cloud the tenant signs in. Remove it.',
  ),
  rule(
    { not: anyOf(is('auth', 'managed_identity'), is('auth', 'workload_identity')) },
    has('client_id'),
    '`client_id`, the application id of the app registration, is required.',
  ),
  rule(
    is('auth', 'client_credentials'),
    anyOf(...clientSecrets.map(has)),
    '`auth: client_credentials` needs `client_secret`, `client_certificate_file` or `client_certificate`.',
  ),
  rule(
    anyOf(...clientSecrets.map(has)),
    { oneOf: clientSecrets.map(has) },
    '`client_secret`, `client_certificate` and `client_certificate_file` prove the same thing; keep one of them.',
  ),
  rule(
    has('client_certificate_password'),
    anyOf(has('client_certificate'), has('client_certificate_file')),
    '`client_certificate_password` belongs to `client_certificate_file` or `client_certificate`, which are missing.',
  ),
  rule(
    anyOf(is('auth', 'managed_identity'), is('auth', 'workload_identity')),
    is('account_type', 'cloud'),
    '`auth: managed_identity` and `auth: workload_identity` sign in through Microsoft Entra, so they need `account_type: cloud`.',
  ),
  rule(
    anyOf(is('auth', 'managed_identity'), is('auth', 'workload_identity')),
    { not: anyOf(...clientSecrets.map(has)) },
    '`auth: managed_identity` and `auth: workload_identity` need no secret and no certificate; remove them.',
  ),
  rule(has('federated_token_file'), is('auth', 'workload_identity'), '`federated_token_file` belongs to `auth: workload_identity`.'),
  rule(
    is('auth', 'password'),
    is('account_type', 'on_premise'),
    '`auth: password` is for on-premises only. In the cloud let a person sign in (`auth: authorization_code`), or the app itself (`auth: client_credentials`).',
  ),
  rule(is('auth', 'password'), { required: ['username', 'password'] }, '`auth: password` needs `username` and `password`.'),
  rule(anyOf(has('username'), has('password')), is('auth', 'password'), '`username` and `password` belong to `auth: password`.'),
  rule(is('auth', 'refresh_token'), has('refresh_token'), '`auth: refresh_token` needs `refresh_token`.'),
]
