import { once } from 'node:events'
import { type CliOptions, startCli } from './cli.ts'

/** `runner connect` in a process of its own, waiting for a person. */
export interface Connecting {
  /** What it asks the person to do. Rejects when it ends without. */
  invited: Promise<{ address: string; code?: string }>
  ended: Promise<{ code: number | null; output: string }>
  /** As Ctrl+C does. */
  interrupt(): void
}

export function connecting(args: string[], options: CliOptions): Connecting {
  const child = startCli(['connect', ...args], options)
  const { promise: invited, resolve, reject } = Promise.withResolvers<{ address: string; code?: string }>()
  let output = ''
  const read = (chunk: Buffer) => {
    output += chunk
    const [, address, , code] = output.match(/^ {2}(https?:\/\/\S+)\n( {2}code (\S+)\n)?/m) ?? []
    if (address === undefined || (args.includes('--device') && code === undefined)) return
    resolve({ address, ...(code !== undefined && { code }) })
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const ended = once(child, 'close').then(([code]) => {
    reject(new Error(`it ended with ${code}: ${output}`))
    return { code: code as number | null, output }
  })
  // Whoever waits for the end alone wants no invitation.
  invited.catch(() => {})
  return { invited, ended, interrupt: () => void child.kill('SIGINT') }
}
