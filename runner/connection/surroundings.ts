import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConnectorError, type OAuthSettings } from '../connector/index.ts'
import { certificateInvalid, certificateText } from './certificate.ts'
import { type FederatedTokenSource, offeredToken } from './federated-token.ts'
import { type IdentityService, identityService } from './managed-identity.ts'

/** How a connection signs in, with what its block leaves to files and to the platform. */
export interface SignInSettings extends OAuthSettings {
  clientCertificate?: { text: string; password?: string }
  tokenSource?: FederatedTokenSource
  identityService?: IdentityService
}

/**
 * Reads the certificate's file, and what the platform says in the environment.
 * @param folder that relative file names start from
 * @throws ConnectorError `certificate_invalid`, `federated_token_unusable`
 */
export function withSurroundings(
  oauth: OAuthSettings,
  { folder, env }: { folder: string; env: Readonly<Record<string, string | undefined>> },
): SignInSettings {
  const { clientCertificate: certificate, federatedToken, ...rest } = oauth
  return {
    ...rest,
    ...(certificate && { clientCertificate: 'file' in certificate ? fromFile(certificate, folder) : certificate }),
    ...(federatedToken && federated(oauth, federatedToken, folder, env)),
    ...(oauth.grant === 'managed_identity' && { identityService: identityService(env) }),
  }
}

function fromFile({ file, password }: { file: string; password?: string }, folder: string): { text: string; password?: string } {
  const path = resolve(folder, file)
  try {
    return { text: certificateText(readFileSync(path)), ...(password !== undefined && { password }) }
  } catch (thrown) {
    throw certificateInvalid(`${path} cannot be read (${(thrown as NodeJS.ErrnoException).code})`)
  }
}

/** The platform's names for client and tenant are those of the Azure workload identity webhook. */
function federated(
  { clientId, tenant }: OAuthSettings,
  { file }: { file?: string },
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Pick<SignInSettings, 'tokenSource' | 'clientId' | 'tenant'> {
  const source = file === undefined ? offeredToken(env) : { file: resolve(folder, file) }
  if (!source)
    throw unusable(
      'there is no token. Set `federated_token_file`, or run where AZURE_FEDERATED_TOKEN_FILE (Kubernetes) or ACTIONS_ID_TOKEN_REQUEST_URL (GitHub Actions with `id-token: write`) is set.',
    )
  const [client, home] = [clientId ?? env.AZURE_CLIENT_ID, tenant ?? env.AZURE_TENANT_ID]
  if (!client) throw unusable('nothing says which app it belongs to. Set `client_id`, or AZURE_CLIENT_ID in the environment.')
  return { tokenSource: source, clientId: client, ...(home && { tenant: home }) }
}

function unusable(why: string): ConnectorError {
  return new ConnectorError('auth', 'federated_token_unusable', `The workload identity cannot sign in: ${why}`)
}
