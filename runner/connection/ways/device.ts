import { authorities } from '../authorities/index.ts'
import type { GrantResult, Tokens } from '../grant-result.ts'
import { NoAnswer } from '../http.ts'
import { type DeviceCode, type Grants, openGrants } from '../oauth.ts'
import { answerRefused, signInTimeout, toSignInError } from './refused.ts'
import type { PersonSignIn, SignInResult } from './way.ts'

/** RFC 8628, 3.5: what `slow_down` adds to the interval. */
const slowerMs = 5_000

/** Device code: the person signs in on any other device, while the token endpoint is asked again and again (facts sheet "Device code"). */
export async function byDevice(signIn: PersonSignIn): Promise<SignInResult> {
  const { oauth, found, http, clock, show, keep, signal } = signIn
  const grants = openGrants(oauth, found, { http, clock, signal })
  try {
    const begun = await grants.device()
    if ('refused' in begun) throw answerRefused(oauth, begun.refused)
    const { device } = begun
    const end = clock.now().getTime() + device.expiresIn * 1_000
    show({ address: device.address, code: device.userCode, until: new Date(end).toISOString() })
    return await keep(await finished(signIn, grants, device, end))
  } catch (thrown) {
    throw toSignInError(oauth, thrown)
  }
}

/** @param end of the code, in milliseconds since 1970 */
async function finished({ oauth, clock, signal }: PersonSignIn, grants: Grants, device: DeviceCode, end: number): Promise<Tokens> {
  let interval = device.interval * 1_000
  for (;;) {
    await clock.sleep(interval, signal)
    if (clock.now().getTime() >= end) throw signInTimeout(Math.round(device.expiresIn / 60))
    const result = await asked(grants, device)
    if (!result) continue
    if ('tokens' in result) return result.tokens
    const refusal = authorities[oauth.authority].classify(result.refused)
    if (refusal.class !== 'pending' && refusal.class !== 'transient') throw answerRefused(oauth, result.refused)
    if (refusal.error === 'slow_down') interval += slowerMs
    interval = Math.max(interval, refusal.atLeastMs ?? 0)
  }
}

/** Nothing when no answer came: the person is still signing in, so the next turn asks again. */
async function asked(grants: Grants, { deviceCode }: DeviceCode): Promise<GrantResult | undefined> {
  try {
    return await grants.deviceCode(deviceCode)
  } catch (thrown) {
    if (thrown instanceof NoAnswer) return undefined
    throw thrown
  }
}
