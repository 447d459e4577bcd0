import { EntraError } from './errors.ts'
import { isLoopback } from './loopback.ts'

/** What a `scope` parameter asks for, read. */
export interface Scope {
  /** `graph`: what Entra takes when no resource is named; such a token is valid, and the organization refuses it. */
  resource: 'organization' | 'graph'
  /** The resource as the client wrote it. */
  asked: string
  /** As asked for, such as `http://127.0.0.1:4365/.default`. */
  permissions: string[]
  openid: boolean
  offlineAccess: boolean
  /** Asked for a person; an app that asks for itself gets no scope named. */
  delegated: boolean
}

const identityScopes = new Set(['openid', 'profile', 'email', 'offline_access'])
const graph = 'https://graph.microsoft.com'
/** The application id of Dataverse itself (facts sheet "Scopes"). */
const dataverse = '00000007-0000-0000-c000-000000000000'

/**
 * Reads a scope text (facts sheet "Scopes").
 * @param origin address of the sandbox: the resource that tokens are for
 * @throws EntraError 70011, 700022, 500011
 */
export function parseScope(text: string, origin: string, tenant: string): Scope {
  const words = text.split(' ').filter(Boolean)
  if (words.length === 0) throw new EntraError(70011, { scope: text })
  const wanted = words.filter((word) => !identityScopes.has(word))
  const permissions = wanted.map((word) => ({ word, ...readPermission(word, text) }))
  const resources = new Set(permissions.map(({ resource }) => resource))
  if (resources.size > 1) throw new EntraError(700022, { scope: text })
  const names = new Set(permissions.map(({ name }) => name))
  if (names.has('.default') && names.size > 1) throw new EntraError(70011, { scope: text })
  const [resource = graph] = resources
  return {
    resource: audience(resource, names, { origin, tenant, text }),
    asked: resource,
    permissions: wanted,
    openid: words.includes('openid'),
    offlineAccess: words.includes('offline_access'),
    delegated: true,
  }
}

function readPermission(word: string, text: string): { resource: string; name: string } {
  const slash = word.lastIndexOf('/')
  const name = word.slice(slash + 1)
  if (!/^[A-Za-z.][\w.-]*$/.test(name)) throw new EntraError(70011, { scope: text })
  return { resource: slash < 0 ? graph : word.slice(0, slash).replace(/\/$/, ''), name }
}

function audience(resource: string, names: Set<string>, context: { origin: string; tenant: string; text: string }): Scope['resource'] {
  if (resource === graph) return 'graph'
  if (!isOrganization(resource, context.origin)) throw new EntraError(500011, { resource, tenant: context.tenant })
  for (const name of names) if (name !== '.default' && name !== 'user_impersonation') throw new EntraError(70011, { scope: context.text })
  return 'organization'
}

/** `localhost` and `127.0.0.1` are the same sandbox; Dataverse's application id stands for it as well. */
export function isOrganization(resource: string, origin: string): boolean {
  if (resource === dataverse) return true
  if (!URL.canParse(resource)) return false
  const [asked, own] = [new URL(resource), new URL(origin)]
  return isLoopback(asked.hostname) && asked.port === own.port && asked.protocol === own.protocol && asked.pathname === '/'
}
