import { type Clock, ConnectorError, type OAuthSettings } from '../../connector/index.ts'
import { newSignIn, openGrants } from '../oauth.ts'
import { listen } from './loopback.ts'
import { failed, type Page, pages, signedIn } from './pages.ts'
import { answerRefused, signInTimeout, toSignInError } from './refused.ts'
import { hints, type PersonSignIn, type SignInResult } from './way.ts'

/** A person who has not finished by then has gone away. */
const patienceMs = 600_000
/** A browser that has not come for the last page by then has gone away. */
const courtesyMs = 3_000

/** Authorization code with PKCE, state and nonce; the browser comes back to this machine. */
export async function inBrowser(signIn: PersonSignIn): Promise<SignInResult> {
  const { oauth, found, before, http, clock, show, signal } = signIn
  assertPort(oauth)
  const secrets = await newSignIn()
  const over = new AbortController()
  const either = AbortSignal.any([signal, over.signal])
  const listener = await listen(oauth.redirectUri, secrets.state)
  const end = (page: Page) => Promise.race([listener.finish(page), clock.sleep(courtesyMs, either).catch(() => undefined)])
  try {
    const grants = openGrants(oauth, found, { http, clock, signal: either })
    show({ address: await grants.authorizeUrl(listener.redirectUri, secrets, hints(before)) })
    const callback = await Promise.race([listener.callback, tooLate(clock, either)])
    const redeem = async () => {
      const result = await grants.code(callback, listener.redirectUri, secrets)
      if ('refused' in result) throw answerRefused(oauth, result.refused)
      return signIn.keep(result.tokens)
    }
    const result = await redeem().catch(async (thrown) => {
      const error = toSignInError(oauth, thrown)
      await end(signal.aborted ? pages.stopped : failed(signIn.mask(error.message)))
      throw error
    })
    await end(signedIn(signIn.name, result))
    return result
  } finally {
    over.abort(new Error('the sign-in is over'))
    await listener.close()
  }
}

/** Any free port will do for Entra, which ignores it. Facts sheet "Endpoints" (AD FS): exact match, no wildcard for loopback. */
function assertPort({ authority, redirectUri }: OAuthSettings): void {
  const named = redirectUri !== undefined && URL.canParse(redirectUri) ? new URL(redirectUri).port : ''
  if (authority !== 'adfs' || named !== '') return
  throw new ConnectorError(
    'rejected',
    'redirect_invalid',
    'AD FS compares the address that the browser comes back to letter by letter, port included. Set `redirect_uri`, such as http://localhost:8400/, as it is registered there.',
  )
}

async function tooLate(clock: Clock, signal: AbortSignal): Promise<never> {
  await clock.sleep(patienceMs, signal).catch(() => undefined)
  signal.throwIfAborted()
  throw signInTimeout(patienceMs / 60_000)
}
