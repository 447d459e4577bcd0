import type { Registration } from './directory.ts'
import { isLoopback } from './loopback.ts'

const registeredPaths = new Set(['/', '/callback'])
const spaPaths = new Set(['/spa'])

/** Whether the client has this redirect: http on this machine, any port, exact path (facts sheet "Redirect URIs and loopback"). */
export function isRegistered(uri: string, { kind }: Registration): boolean {
  if (!URL.canParse(uri)) return false
  const { protocol, hostname, pathname, username, hash } = new URL(uri)
  return (
    protocol === 'http:' &&
    isLoopback(hostname) &&
    username === '' &&
    hash === '' &&
    (kind === 'spa' ? spaPaths : registeredPaths).has(pathname)
  )
}
