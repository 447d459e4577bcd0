import { once } from 'node:events'
import { startCli } from './cli.ts'

/** What a person does who is invited to sign in. */
export type Person = (invitation: { address: string; code?: string }) => Promise<unknown>

/** `runner connect` with a person at its side: opens the printed address and goes through its pages, by default those of the sandbox. */
export async function signIn(
  args: string[],
  { person = pressesTheButton, ...options }: { cwd: string; env: Record<string, string>; person?: Person },
): Promise<{ code: number | null; output: string }> {
  const child = startCli(['connect', ...args, '--no-browser'], options)
  let output = ''
  let invited = false
  const read = async (chunk: Buffer) => {
    output += chunk
    const [, address, , code] = output.match(/^ {2}(https?:\/\/\S+)\n( {2}code (\S+)\n)?/m) ?? []
    if (address === undefined || invited || (args.includes('--device') && code === undefined)) return
    invited = true
    await person({ address, ...(code !== undefined && { code }) })
  }
  child.stdout?.on('data', read)
  child.stderr?.on('data', read)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

async function pressesTheButton({ address }: { address: string }): Promise<void> {
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
