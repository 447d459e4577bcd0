import { isLoopback } from './loopback.ts'

const registeredPaths = new Set(['/', '/callback'])

/** Whether both registrations of the directory have this redirect: http on this machine, any port, exact path (facts sheet "Redirect URIs and loopback"). */
export function isRegistered(uri: string): boolean {
  if (!URL.canParse(uri)) return false
  const { protocol, hostname, pathname, username, hash } = new URL(uri)
  return protocol === 'http:' && isLoopback(hostname) && username === '' && hash === '' && registeredPaths.has(pathname)
}
