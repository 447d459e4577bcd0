import { inBrowser } from './browser.ts'
import { byDevice } from './device.ts'
import { byPaste } from './paste.ts'
import type { PersonSignIn, SignInResult } from './way.ts'

export type { Invitation, SignInResult } from './way.ts'

/** How a person signs in. */
export const ways = { browser: inBrowser, device: byDevice, paste: byPaste } satisfies Record<
  string,
  (signIn: PersonSignIn) => Promise<SignInResult>
>

export type Way = keyof typeof ways
