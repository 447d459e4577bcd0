import type { X509Certificate } from 'node:crypto'
import type { OAuthSettings } from '../connector/index.ts'
import { authorities } from './authorities/index.ts'
import { readCertificate } from './certificate.ts'
import type { SignInSettings } from './surroundings.ts'
import type { TokenRecord } from './token-store.ts'

/** Something that a connection lives on and that ends. */
export interface End {
  what: 'sign-in' | 'client secret' | 'certificate'
  /** ISO 8601; may have passed. */
  at: string
  /** ISO 8601: when its life began, where that is known. */
  from?: string
  /** Whether no use of the connection moves it. */
  fixed: boolean
  /** What to do before then. */
  todo: string
}

/** What `runner run` says of an end that is near. */
export interface EndWarning {
  code: string
  /** Name of the connection. */
  connection: string
  /** ISO 8601. */
  at: string
  message: string
}

const hour = 3_600_000
const day = 24 * hour

const codes: Record<End['what'], string> = {
  'sign-in': 'sign_in_ends_soon',
  'client secret': 'client_secret_ends_soon',
  certificate: 'certificate_ends_soon',
}

const prolonged = 'Any run that uses the connection prolongs it, and so does `runner connections keepalive`.'

/** How the next sign-in lasts longer, where use does not prolong one. Facts sheet "Lifetimes and revocation (Entra)" and "How an admin extends it". */
export const longerNextTime: Record<OAuthSettings['authority'], string> = {
  entra: 'So short a life is that of an address registered for a single-page app; one registered as web or native lives on with use.',
  adfs: 'An administrator can lengthen the next one with `Set-AdfsProperties -SsoLifetime`.',
}
const onlyAnew = 'Use does not prolong it: sign in anew with `runner connect`.'

/** All that is known to end, soonest first. @param credentials default: what the settings said when they were last used */
export function endsOf(record: TokenRecord, credentials: readonly End[] = record.ends ?? []): End[] {
  const signIn = record.mark ? undefined : signInEnd(record)
  return [...(signIn ? [signIn] : []), ...credentials].sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/**
 * When a person must sign in again: told by the authority, or last use and the life that the authority gives to unused refresh tokens.
 * Undefined for what signs in by itself, and where nothing is known.
 */
export function signInEnd({ actor, authority, access, refresh }: TokenRecord): End | undefined {
  if (actor !== 'person') return undefined
  const what = 'sign-in'
  if (!refresh)
    return (
      access && { what, at: access.expiresAt, from: access.obtainedAt, fixed: true, todo: 'No refresh token came, so nothing prolongs it.' }
    )
  if (refresh.expiresAt !== undefined) {
    const from = refresh.signedInAt ?? refresh.obtainedAt
    const todo = refresh.moves ? prolonged : `${onlyAnew} ${longerNextTime[authority]}`
    return { what, at: refresh.expiresAt, from, fixed: !refresh.moves, todo }
  }
  const { refreshLifeMs } = authorities[authority]
  if (refreshLifeMs === undefined) return undefined
  const from = refresh.usedAt ?? refresh.obtainedAt
  return { what, at: new Date(Date.parse(from) + refreshLifeMs).toISOString(), from, fixed: false, todo: prolonged }
}

/** Ends of what the app proves itself with. A certificate that cannot be read has none: it fails where it is used, with its own words. */
export async function credentialEnds({ clientSecret, clientSecretExpires, clientCertificate }: SignInSettings): Promise<End[]> {
  if (clientCertificate) {
    try {
      return [certificateEnd((await readCertificate(clientCertificate)).certificate)]
    } catch {
      return []
    }
  }
  if (clientSecret === undefined || clientSecretExpires === undefined || Number.isNaN(Date.parse(clientSecretExpires))) return []
  const todo =
    'Make a new secret in the app registration, then change `client_secret` and `client_secret_expires`; nobody needs to sign in again.'
  return [{ what: 'client secret', at: new Date(clientSecretExpires).toISOString(), fixed: true, todo }]
}

function certificateEnd({ validFromDate, validToDate }: X509Certificate): End {
  return {
    what: 'certificate',
    at: validToDate.toISOString(),
    from: validFromDate.toISOString(),
    fixed: true,
    todo: 'Add a new certificate to the app registration, then change `client_certificate_file` or `client_certificate`; nobody needs to sign in again.',
  }
}

/** Whether the lead time has begun: `warnBeforeMs` before the end, or the last quarter of a life that is shorter than twice that. */
export function isSoon({ at, from }: End, now: Date, warnBeforeMs: number): boolean {
  const life = from === undefined ? Number.POSITIVE_INFINITY : Date.parse(at) - Date.parse(from)
  return Date.parse(at) - now.getTime() <= (life < 2 * warnBeforeMs ? life / 4 : warnBeforeMs)
}

/** A warning of each end of one connection whose lead time has begun. */
export function endWarnings(connection: string, ends: readonly End[], now: Date, warnBeforeMs: number): EndWarning[] {
  return ends
    .filter((end) => isSoon(end, now, warnBeforeMs))
    .map((end) => ({ code: codes[end.what], connection, at: end.at, message: `${sentence(connection, end, now)} ${end.todo}` }))
}

function sentence(connection: string, { what, at }: End, now: Date): string {
  const left = Date.parse(at) - now.getTime()
  return `The ${what} of "${connection}" ${left > 0 ? `ends in ${span(left)}, on` : 'ended on'} ${minuteOf(at)} UTC.`
}

/** `2027-03-31 00:00`, in UTC. @param at ISO 8601 */
export function minuteOf(at: string): string {
  return at.slice(0, 16).replace('T', ' ')
}

function span(ms: number): string {
  if (ms >= 2 * day) return `${Math.floor(ms / day)} days`
  if (ms >= 2 * hour) return `${Math.floor(ms / hour)} hours`
  const minutes = Math.floor(ms / 60_000)
  return minutes < 2 ? 'a minute' : `${minutes} minutes`
}
