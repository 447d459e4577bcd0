import { once } from 'node:events'
import { startCli } from './cli.ts'

/** `runner connect --paste` with a person whose browser is elsewhere: presses the button there, and brings back where it ended. */
export async function pasteSignIn(
  args: string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<{ code: number | null; output: string }> {
  const child = startCli(['connect', ...args, '--paste'], { ...options, input: true })
  let output = ''
  let pressed = false
  const read = async (chunk: Buffer) => {
    output += chunk
    const address = output.match(/https?:\/\/\S+\/authorize\?\S+/)?.[0]
    if (!address || pressed) return
    pressed = true
    const answer = await fetch(address, { method: 'POST', body: new URLSearchParams({ decision: 'sign_in' }), redirect: 'manual' })
    child.stdin?.end(`${answer.headers.get('location')}\n`)
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
