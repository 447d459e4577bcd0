import type { Switches } from '../../switches.ts'
import type { EntraError, ErrorCode } from '../errors.ts'

interface Msis {
  error: string
  /** Without a number where the sheet records none. */
  description: string
}

const wrongCode: Msis = {
  error: 'invalid_grant',
  description:
    "MSIS9612: The authorization code received in 'code' parameter is invalid. The code is either used already, has expired, or was issued to another client.",
}
const expired: Msis = {
  error: 'invalid_grant',
  description: "MSIS9615: The refresh token received in 'refresh_token' parameter has expired.",
}
const unauthenticated: Msis = {
  error: 'invalid_client',
  description: 'MSIS9622: Client authentication failed. Please verify the credential provided for client authentication is valid.',
}
const wrongPassword: Msis = { error: 'invalid_grant', description: "MSIS9659: Invalid 'username' or 'password'." }

/** What AD FS says where Entra gives one of its numbers (facts sheet "Error payload and MSIS codes"). */
const table: Partial<Record<ErrorCode, Msis>> = {
  54005: wrongCode,
  70000: wrongCode,
  70008: wrongCode,
  700005: wrongCode,
  501481: { error: 'invalid_grant', description: "MSIS9720: The 'code_verifier' parameter does not match the 'code_challenge'." },
  700082: expired,
  50126: wrongPassword,
  50034: wrongPassword,
  500011: {
    error: 'invalid_resource',
    description:
      "MSIS9602: The received 'resource' parameter is invalid. The authorization server can not find a registered resource with the specified identifier.",
  },
  700016: {
    error: 'invalid_client',
    description: "MSIS9607: The 'client_id' parameter in the request is invalid. No registered client is found with this identifier.",
  },
  7000215: unauthenticated,
  7000218: unauthenticated,
  7000222: unauthenticated,
  700025: unauthenticated,
  700027: unauthenticated,
  50012: unauthenticated,
  50027: unauthenticated,
  50048: unauthenticated,
  65001: { error: 'unauthorized_client', description: 'MSIS9605: The client is not allowed to access the requested resource.' },
}

/** Body and status in AD FS's way: neither numbers nor a trace; 400 for a wrong secret, and by switch 401 or 400 for an expired sign-in. */
export function msisError(
  { code, error, message }: EntraError,
  switches: Switches,
): { status: number; error: string; error_description: string } {
  const known = table[code]
  // Whatever ends a sign-in at Entra is an expired one here.
  const found = known ?? (error === 'invalid_grant' ? expired : { error, description: message.replace(/^AADSTS\d+: /, '') })
  return { status: found === expired ? switches.adfs_expired_status : 400, error: found.error, error_description: found.description }
}
