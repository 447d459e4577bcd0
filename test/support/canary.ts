/** Tokens and secrets of the sandbox, which begin recognizably; access tokens of others; private keys. */
export const canary = /sbx-(?:at|rt|secret)-[\w-]{8,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}|-----BEGIN (?:\w+ )?PRIVATE KEY-----/

const holdsSecret = /SECRET|TOKEN|PASSWORD|CERTIFICATE|PFX|RUNNER_KEY/

/**
 * What a text shows of secrets: one of the forms above, or the value of a variable that by its name holds a secret, also encoded.
 * @param env what the program was given
 */
export function leakIn(text: string, env: Record<string, string | undefined> = {}): string | undefined {
  const form = canary.exec(text)?.[0]
  if (form !== undefined) return `${form.slice(0, 12)}…`
  for (const [name, value = ''] of Object.entries(env)) {
    if (!holdsSecret.test(name) || value.length < 8) continue
    const forms = [value, encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/.?=*$/, '')]
    if (forms.some((each) => text.includes(each))) return `the value of ${name}`
  }
  return undefined
}
