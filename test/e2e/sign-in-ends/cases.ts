import type { EndingName } from '../../../schemas/sign-in-endings.ts'
import type { SandboxProcess } from '../../support/sandbox.ts'

export type Form = 'entra' | 'adfs'

/** How an end is brought about at the sandbox, and how it is mended. What must follow is in `schemas/sign-in-endings.ts`. */
export interface Case {
  /** The file that it is met in; files run side by side. */
  group: 'person' | 'client' | 'organization'
  breaks(sandbox: SandboxProcess): Promise<void>
  /** Laid over the environment of the program until the mend. */
  env?: Record<string, string>
  /** The authority's or the organization's own words, which the error must hold. */
  says: Record<Form, RegExp>
  /** Calls of the token endpoint: of the run whose trigger fails, of the run whose step fails, and at most of the next run of the first. */
  calls: [trigger: number, job: number, again: number]
  /** What gets well in the cloud. */
  heals?(sandbox: SandboxProcess): Promise<void>
  /** What a person does, beside correcting the environment. */
  person?: 'connect' | 'connections test'
}

const expired = /MSIS9615: The refresh token received in 'refresh_token' parameter has expired/

/** The refresh tokens answer with this number from now on, and no access token holds. */
const killed = (code: number, says: RegExp): Case => ({
  group: 'person',
  async breaks(sandbox) {
    await sandbox.control('refresh-tokens/kill', { code })
    await sandbox.control('access-tokens/expire')
  },
  says: { entra: says, adfs: expired },
  calls: [1, 1, 0],
  person: 'connect',
})

/** Runs meet a token endpoint that fails so. The next run of the first keeps to the pause that the first has left, so that it asks less often. */
const endpoint = (order: Record<string, unknown>, says: RegExp, calls: number): Case => ({
  group: 'client',
  async breaks(sandbox) {
    await sandbox.control('access-tokens/expire')
    await sandbox.control('token-endpoint/fail', { ...order, times: 1_000 })
  },
  says: { entra: says, adfs: says },
  calls: [calls, calls, calls - 1],
  heals: noFaults,
  person: 'connections test',
})

/** Every request to the organization is answered so. */
const organization = (status: number, code: string, message: string, calls: Case['calls']): Case => ({
  group: 'organization',
  breaks: (sandbox) => sandbox.control('faults', { fault: 'status', on: 'webapi', path: '/api/data/', status, code, message }),
  says: { entra: new RegExp(message), adfs: new RegExp(message) },
  calls,
  heals: noFaults,
})

/** Orders of faults are taken back. */
export async function noFaults(sandbox: SandboxProcess): Promise<void> {
  for (const path of ['faults', 'token-endpoint/fail']) {
    const answer = await fetch(`${sandbox.url}/sandbox/${path}`, { method: 'DELETE' })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  }
}

export const cases: Record<EndingName, Case> = {
  expired: killed(700082, /AADSTS700082: The refresh token has expired due to inactivity/),
  revoked: killed(50173, /AADSTS50173: The provided grant has expired due to it being revoked/),
  mfa: killed(50076, /AADSTS50076: .*you must use multi-factor authentication/),
  consent: killed(65001, /AADSTS65001: The user or administrator has not consented/),
  policy: {
    ...killed(53003, /AADSTS53003: Access has been blocked by Conditional Access policies/),
    // The policy is changed, and the same refresh token works again.
    heals: (sandbox) => sandbox.control('refresh-tokens/revive'),
    person: 'connections test',
  },
  wrong_secret: {
    group: 'client',
    breaks: (sandbox) => sandbox.control('access-tokens/expire'),
    env: { D365_CLIENT_SECRET: 'wrong' },
    says: { entra: /AADSTS7000215: Invalid client secret provided/, adfs: /MSIS9622: Client authentication failed/ },
    calls: [1, 1, 0],
  },
  lapsed_secret: {
    group: 'client',
    async breaks(sandbox) {
      await sandbox.control('access-tokens/expire')
      await sandbox.control('token-endpoint/fail', { code: 7000222, times: 2 })
    },
    env: { D365_CLIENT_SECRET: 'of last year' },
    says: { entra: /AADSTS7000222: The provided client secret keys .* are expired/, adfs: /MSIS9622: Client authentication failed/ },
    calls: [1, 1, 0],
  },
  // Tried at once, after 0.5 to 1 s, and after 1 to 2 s more: a further wait would exceed the 3 s that the connection allows.
  endpoint_down: endpoint({ status: 503 }, /503: The service is unavailable/, 3),
  endpoint_throttles: endpoint({ status: 429, retry_after: 60 }, /429: Too Many Requests/, 1),
  user_throttled: endpoint({ code: 50196 }, /400: AADSTS50196: The server terminated an operation/, 1),
  token_refused: {
    ...organization(401, '0x80040220', 'Access is denied', [2, 2, 1]),
    says: { entra: /refuses access tokens that were just issued \(401\)/, adfs: /refuses access tokens that were just issued \(401\)/ },
  },
  not_a_member: organization(403, '0x80072560', 'The user is not a member of the organization', [1, 1, 0]),
  app_blocked: organization(403, '0x80095ffc', 'Access to Dataverse API is restricted for this application', [1, 1, 0]),
  forbidden: organization(403, '0x80040220', 'Principal user is missing prvReadAccount privilege', [1, 1, 0]),
}
