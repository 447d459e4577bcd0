import { expireDeltaTokens } from '../organization/delta-tokens.ts'
import type { Organization } from '../organization/open.ts'
import { type PrivilegeRule, setPrivileges } from '../privileges/rules.ts'
import { moveClock, type SandboxClock } from './clock.ts'
import type { Control } from './control.ts'
import { OrderError } from './orders.ts'

export interface OrganizationState {
  organization: Organization
  clock: SandboxClock
}

export const organizationControls: readonly Control<OrganizationState>[] = [
  {
    method: 'GET',
    path: '/clock',
    about: 'time of the sandbox',
    handle: ({ clock }) => ({ now: clock.now().toISOString() }),
  },
  {
    method: 'POST',
    path: '/clock',
    about: 'moves the time of sign-ins, rows and limits',
    fields: { set: 'moment in ISO 8601', advance: 'or how far to go on, such as 90m; a number is seconds' },
    handle: ({ clock }, order) => moveClock(clock, order),
  },
  {
    method: 'POST',
    path: '/privileges',
    about: 'what users may do',
    fields: { rules: 'list of {"user", "table", "rights", "depth"} or {"user", "privilege", "held"}' },
    handle({ organization }, { rules }) {
      if (!Array.isArray(rules)) throw new OrderError('`rules` must be a list.')
      setPrivileges(organization, rules as PrivilegeRule[])
      return { applied: rules.length }
    },
  },
  {
    method: 'POST',
    path: '/delta/expire',
    about: 'every delta token given so far has expired',
    async handle({ organization }) {
      await expireDeltaTokens(organization)
      return {}
    },
  },
]
