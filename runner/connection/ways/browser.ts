import type { Clock } from '../../connector/index.ts'
import type { Tokens } from '../grant-result.ts'
import { listen } from '../loopback.ts'
import { newSignIn, openGrants } from '../oauth.ts'
import { answerRefused, signInTimeout, toSignInError } from './refused.ts'
import { hints, type PersonSignIn } from './way.ts'

/** A person who has not finished by then has gone away. */
const patienceMs = 600_000

/** Authorization code with PKCE, state and nonce; the browser comes back to this machine. */
export async function inBrowser({ oauth, found, before, http, clock, show, signal }: PersonSignIn): Promise<Tokens> {
  const secrets = await newSignIn()
  const stop = new AbortController()
  const either = AbortSignal.any([signal, stop.signal])
  const listener = await listen(oauth.redirectUri, secrets.state)
  try {
    const grants = openGrants(oauth, found, { http, clock, signal: either })
    show({ address: await grants.authorizeUrl(listener.redirectUri, secrets, hints(before)) })
    const callback = await Promise.race([listener.callback, tooLate(clock, either)])
    try {
      const result = await grants.code(callback, listener.redirectUri, secrets)
      if ('refused' in result) throw answerRefused(oauth, result.refused)
      listener.finish()
      return result.tokens
    } catch (thrown) {
      const error = toSignInError(thrown)
      listener.finish(error)
      throw error
    }
  } finally {
    stop.abort(new Error('the sign-in is over'))
    await listener.close()
  }
}

async function tooLate(clock: Clock, signal: AbortSignal): Promise<never> {
  await clock.sleep(patienceMs, signal).catch(() => undefined)
  signal.throwIfAborted()
  throw signInTimeout(patienceMs / 60_000)
}
