import type { CliOptions } from './cli.ts'
import { connecting } from './connecting.ts'

/** What a person does who is invited to sign in. */
export type Person = (invitation: { address: string; code?: string }) => Promise<unknown>

/** `runner connect` with a person at its side: opens the printed address and goes through its pages, by default those of the sandbox. */
export async function signIn(
  args: string[],
  { person = pressesTheButton, ...options }: CliOptions & { person?: Person },
): Promise<{ code: number | null; output: string }> {
  const { invited, ended, interrupt } = connecting([...args, '--no-browser'], options)
  const invitation = await invited.catch(() => undefined)
  try {
    if (invitation) await person(invitation)
  } catch (error) {
    interrupt()
    throw error
  }
  return ended
}

async function pressesTheButton({ address }: { address: string }): Promise<void> {
  const page = await (await fetch(address)).text()
  const plain = (text: string) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"')
  const action = page.match(/<form[^>]*action="([^"]*)"/)?.[1]
  const fields = [...page.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map(([, name, value]): [string, string] => [
    name as string,
    plain(value as string),
  ])
  const target = new URL(action === undefined ? address : plain(action), address)
  await (await fetch(target, { method: 'POST', body: new URLSearchParams(fields) })).text()
}
