import { newSignIn, openGrants } from '../oauth.ts'
import { answerRefused, signInRefused, toSignInError } from './refused.ts'
import { hints, type PersonSignIn, type SignInResult } from './way.ts'

/**
 * Authorization code as in {@link inBrowser}, for a browser on another machine: it ends on an address of its own machine where nothing
 * listens, which the person brings back. State and proof key bind it to this sign-in.
 */
export async function byPaste(signIn: PersonSignIn): Promise<SignInResult> {
  const { oauth, found, before, http, clock, show, readAnswer, signal } = signIn
  const secrets = await newSignIn()
  const redirectUri = oauth.redirectUri ?? 'http://localhost'
  const grants = openGrants(oauth, found, { http, clock, signal })
  show({ address: await grants.authorizeUrl(redirectUri, secrets, hints(before)), paste: true })
  const answer = (await readAnswer(signal)).trim()
  const state = URL.canParse(answer) ? new URL(answer).searchParams.get('state') : undefined
  if (state !== secrets.state)
    throw signInRefused(
      `what was entered is not the address that the browser ended on${state ? ', but one of another sign-in' : ''}.`,
      'Start again, and copy the whole address out of the browser, from http to its end.',
    )
  try {
    const result = await grants.code(new URL(answer), redirectUri, secrets)
    if ('refused' in result) throw answerRefused(oauth, result.refused)
    return await signIn.keep(result.tokens)
  } catch (thrown) {
    throw toSignInError(oauth, thrown)
  }
}
