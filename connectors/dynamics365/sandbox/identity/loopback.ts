/** IPv6 loopback is not among them: Entra does not support it in redirects either (facts sheet "Redirect URIs and loopback"). */
const names = new Set(['localhost', '127.0.0.1'])

export function isLoopback(hostname: string): boolean {
  return names.has(hostname)
}
