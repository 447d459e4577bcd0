import { spawn } from 'node:child_process'
import type { ConnectionPorts, ConnectionSpec } from '../connection/index.ts'
import { status } from './program.ts'

export interface ConnectIo extends ConnectionPorts {
  /** Masked by the caller. */
  out(text: string): void
  /** Whether a person reads. */
  isTTY: boolean
  /** `process.platform`. */
  platform: NodeJS.Platform
  signal: AbortSignal
}

/** Signs in to one connection with a browser and says who did, and when it will lapse. Errors of the sign-in go to the caller. */
export async function connect(connection: ConnectionSpec, { browser }: { browser: boolean }, io: ConnectIo): Promise<number> {
  if (browser && !io.isTTY) {
    io.out(
      '`runner connect` needs a terminal and a person. Where the browser runs elsewhere on this machine, use --no-browser and open the printed address.\n',
    )
    return status.usage
  }
  const { signIn } = await import('../connection/index.ts')
  const { who, insteadOf, predictedEnd, canRenew } = await signIn(connection, io, {
    signal: io.signal,
    show(address) {
      io.out(`Sign in to "${connection.name}" at\n  ${address}\n`)
      if (browser) openBrowser(address, io.platform)
    },
  })
  io.out(`Signed in${who ? ` as ${who}` : ''}.\n`)
  if (insteadOf) io.out(`Mind: before, ${insteadOf} had signed in. From now on everything is done in the new name.\n`)
  if (!canRenew)
    io.out(
      'No refresh token came, so this sign-in ends with its access token. Allow the scope `offline_access` (Entra) or `IssueOAuthRefreshTokensTo` (AD FS).\n',
    )
  if (predictedEnd) io.out(`Without use it lapses on ${predictedEnd}.\n`)
  return status.ok
}

/** Nothing depends on it: the address is printed too. */
function openBrowser(address: string, platform: NodeJS.Platform): void {
  // `start` is a word of the Windows shell, to which `&` in an address would be one more.
  const [command, ...args] =
    platform === 'darwin' ? ['open'] : platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open']
  const child = spawn(command as string, [...args, address], { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}
