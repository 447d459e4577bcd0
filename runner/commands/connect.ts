import { spawn } from 'node:child_process'
import { type ConnectionPorts, type ConnectionSpec, type Invitation, minuteOf, type SignInResult, type Way } from '../connection/index.ts'
import { status } from './program.ts'

export interface ConnectIo extends ConnectionPorts {
  /** Masked, as every exit is. */
  out(text: string): void
  /** A line of the terminal or of a pipe. @throws UsageError at its end */
  readLine(signal: AbortSignal): Promise<string>
  /** Whether a person reads. */
  isTTY: boolean
  /** `process.platform`. */
  platform: NodeJS.Platform
  signal: AbortSignal
}

export interface ConnectChoice {
  way: Way
  /** Whether a browser is opened here, for the way `browser`. */
  open: boolean
}

/** Lets a person sign in to one connection and says who did, and when it will lapse. Errors of the sign-in go to the caller. */
export async function connect(connection: ConnectionSpec, { way, open }: ConnectChoice, io: ConnectIo): Promise<number> {
  if (way === 'browser' && open && !io.isTTY) {
    io.out(
      '`runner connect` needs a terminal and a person. Where the browser runs elsewhere on this machine, use --no-browser and open the printed address; where it runs on another machine, use --device or --paste.\n',
    )
    return status.usage
  }
  const { signIn } = await import('../connection/index.ts')
  try {
    const result = await signIn(connection, io, {
      way,
      signal: io.signal,
      readAnswer: io.readLine,
      show(invitation) {
        io.out(wordsOf(connection.name, invitation))
        if (way === 'browser' && open) openBrowser(invitation.address, io.platform)
      },
    })
    io.out(endOf(result))
    return status.ok
  } catch (thrown) {
    if (!io.signal.aborted) throw thrown
    io.out('Stopped: nobody was signed in, and what was kept before is unchanged.\n')
    return status.fault
  }
}

function wordsOf(name: string, { address, code, paste, until, signedInAlready }: Invitation): string {
  const already = signedInAlready === undefined ? '' : `Signed in already, as ${signedInAlready}. A new sign-in takes its place.\n`
  if (code !== undefined) return `${already}Sign in to "${name}" on any device, until ${until}:\n  ${address}\n  code ${code}\n`
  if (!paste)
    return `${already}Sign in to "${name}" at\n  ${address}\nWaiting for the browser to come back, at most 10 minutes; Ctrl+C stops.\n`
  return `${already}Sign in to "${name}" on any device at\n  ${address}\nThe browser ends on a page that cannot be opened. Copy its address and enter it here:\n`
}

function endOf({ who, insteadOf, predictedEnd, longerNextTime, prolongedByUse, canRenew }: SignInResult): string {
  const end = predictedEnd && `${minuteOf(predictedEnd)} UTC`
  const lines = [`Signed in${who === undefined ? '' : ` as ${who}`}.`]
  if (insteadOf !== undefined) lines.push(`Mind: before, ${insteadOf} had signed in. From now on everything is done in the new name.`)
  if (!canRenew)
    lines.push(
      `No refresh token came, so this sign-in ends with its access token${end ? `, on ${end}` : ''}. Allow the scope \`offline_access\` (Entra) or \`IssueOAuthRefreshTokensTo\` (AD FS).`,
    )
  else if (prolongedByUse) lines.push(end ? `Without use it lapses on ${end}; every renewal by a run moves that day.` : 'Runs renew it.')
  else lines.push(`It ends on ${end}, used or not: sign in again before then. ${longerNextTime}`)
  return `${lines.join('\n')}\n`
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
