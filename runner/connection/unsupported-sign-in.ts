import { ConnectorError, type HttpResponse } from '../connector/index.ts'

/**
 * The error where a system wants a sign-in that the runner does not do: by Windows (NTLM, Kerberos), or by forms (WS-Federation).
 * Facts sheet "The 401 challenge on-premises", "Browser (forms) sign-in and cookies", "Windows authentication".
 */
export function unsupportedSignIn(url: string, response: HttpResponse): ConnectorError | undefined {
  const wanted = wantedSignIn(response)
  if (!wanted) return undefined
  const message = `${new URL(url).host} ${sentences[wanted]} ${todo}`
  return new ConnectorError('auth', 'sign_in_unsupported', message, { status: response.status, details: { wants: wanted } })
}

const sentences = {
  windows: 'wants a Windows sign-in (Negotiate, NTLM) and offers no OAuth, which is the only way that the runner signs in.',
  forms: 'sends to a sign-in page for people (AD FS, WS-Federation) and offers no OAuth, which is the only way that the runner signs in.',
} as const

const todo =
  'Let an administrator set up claims-based authentication with an Internet-facing deployment (IFD), set `Enabled` of `OAuthClaimsSettings` with `Set-CrmSetting`, and register the runner with AD FS. Where Windows authentication gets in the way, its providers are removed from the web site. `docs/connect-on-premises.md` has the commands. If OAuth is enabled already, check `url`.'

function wantedSignIn({ status, headers, body }: HttpResponse): keyof typeof sentences | undefined {
  const challenge = headers['www-authenticate'] ?? ''
  if (status === 401 && /\b(negotiate|ntlm)\b/i.test(challenge) && !/\bbearer\b/i.test(challenge)) return 'windows'
  const redirected = status >= 300 && status < 400 ? (headers.location ?? '') : ''
  const page = /^text\/html\b/i.test(headers['content-type'] ?? '') ? body : ''
  return [redirected, page].some((text) => /\bwsignin1\.0\b|\/adfs\/ls\b/i.test(text)) ? 'forms' : undefined
}
