import { once } from 'node:events'
import { startCli } from './cli.ts'

/** `runner connect` with a person at its side: opens the printed address, presses the button, is sent back to the loopback address. */
export async function signIn(
  args: string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<{ code: number | null; output: string }> {
  const child = startCli(['connect', ...args, '--no-browser'], options)
  let output = ''
  let pressed = false
  const read = async (chunk: Buffer) => {
    output += chunk
    const address = output.match(/https?:\/\/\S+\/authorize\?\S+/)?.[0]
    if (!address || pressed) return
    pressed = true
    const page = await (await fetch(address)).text()
    const plain = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"')
    const action = page.match(/<form[^>]*action="([^"]*)"/)?.[1]
    const fields = [...page.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map(([, name, value]): [string, string] => [
      name as string,
      plain(value as string),
    ])
    await (
      await fetch(new URL(action === undefined ? address : plain(action), address), { method: 'POST', body: new URLSearchParams(fields) })
    ).text()
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
