/** One sign-in with MSAL, as a program: the variable MSAL_FLOW holds `{"flow": "secret", "url": …}`; it prints what came of it as JSON. */
import { createHash, X509Certificate } from 'node:crypto'
import { type AuthenticationResult, ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from '@azure/msal-node'

const { flow, url, tenant, client_id, client_secret, pem, privateKey, cert } = JSON.parse(process.env.MSAL_FLOW!) as Record<string, string>
const publicClientId = '5a1db0c5-1111-4222-8333-777788889999'
const scopes = [`${url}/.default`]
const auth = { authority: `${url}/${tenant}`, knownAuthorities: [new URL(url!).host] }

function confidential(credential: object): ConfidentialClientApplication {
  return new ConfidentialClientApplication({ auth: { ...auth, clientId: client_id!, ...credential } })
}

/** What a person does in a browser. */
async function press(address: string, fields: Record<string, string> = {}): Promise<Response> {
  return fetch(address, { method: 'POST', body: new URLSearchParams({ decision: 'sign_in', ...fields }), redirect: 'manual' })
}

async function told(result: AuthenticationResult | null): Promise<{ tokenType: string; status: number }> {
  const headers = { authorization: `Bearer ${result!.accessToken}` }
  const { status } = await fetch(`${url}/api/data/v9.2/WhoAmI()`, { headers })
  return { tokenType: result!.tokenType, status }
}

const flows: Record<string, () => Promise<object>> = {
  secret: async () => told(await confidential({ clientSecret: client_secret }).acquireTokenByClientCredential({ scopes })),
  async register() {
    const answer = await fetch(`${url}/sandbox/certificates`, { method: 'POST', body: JSON.stringify({ pem }) })
    return (await answer.json()) as object
  },
  async certificate() {
    const thumbprintSha256 = createHash('sha256').update(new X509Certificate(cert!).raw).digest('hex')
    const app = confidential({ clientCertificate: { thumbprintSha256, privateKey } })
    return told(await app.acquireTokenByClientCredential({ scopes }))
  },
  async code() {
    const app = confidential({ clientSecret: client_secret })
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes()
    const redirectUri = 'http://localhost:49152/'
    const address = await app.getAuthCodeUrl({ scopes, redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256' })
    const answer = await press(address)
    const code = await codeOf(answer)
    const result = await app.acquireTokenByCode({ scopes, redirectUri, code, codeVerifier: verifier })
    const again = await app.acquireTokenSilent({ scopes, account: result.account!, forceRefresh: true })
    return { ...(await told(again)), silent: again.accessToken !== result.accessToken, account: result.account!.username }
  },
  async device() {
    const app = new PublicClientApplication({ auth: { ...auth, clientId: publicClientId } })
    const result = await app.acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback: ({ verificationUri, userCode }) => void press(verificationUri, { code: userCode }),
    })
    return told(result)
  },
}

/** In a redirect, or in the form that a browser would post. */
async function codeOf(answer: Response): Promise<string> {
  const location = answer.headers.get('location')
  if (location) return new URL(location).searchParams.get('code')!
  return /name="code" value="([^"]+)"/.exec(await answer.text())![1]!
}

console.log(JSON.stringify(await flows[flow!]!()))
