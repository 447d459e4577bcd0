import { ConnectorError, type Finding } from '../../connector/index.ts'
import type { Check } from './check.ts'
import type { Link } from './link.ts'

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whom the system names as authority, tenant and resource, against the settings. What the settings have themselves is no reason to stop. */
export const challenge: Check<Link> = {
  title: 'challenge',
  async run(link) {
    const look = await link.look()
    if (!look) return []
    const { named, known } = look
    if (named instanceof ConnectorError) return { result: known ? 'warning' : 'failed', says: named.message, code: named.code }
    const where = `${named.authorityUrl}${named.tenant === undefined ? '' : `, tenant ${named.tenant}`}, resource ${named.resource}`
    const differing = known ? differences(known, named) : []
    if (differing.length === 0) return { result: 'ok', says: `The system wants sign-in at ${where}.` }
    return {
      result: 'warning',
      says: `The system wants sign-in at ${where}; the settings have ${differing.join(' and ')}.`,
      todo: 'Correct the connection block, or leave these fields out: what the system names is then taken.',
    } satisfies Finding
  },
}

interface Named {
  tenant?: string
  resource: string
}

/** A tenant may be named by a domain as well, which cannot be compared. */
function differences(known: Named, named: Named): string[] {
  const tenants = [known.tenant, named.tenant].every((one) => one !== undefined && guid.test(one))
  return [
    ...(tenants && known.tenant?.toLowerCase() !== named.tenant?.toLowerCase() ? [`tenant ${known.tenant}`] : []),
    ...(known.resource.replace(/\/$/, '') !== named.resource.replace(/\/$/, '') ? [`resource ${known.resource}`] : []),
  ]
}
