import { textOf } from '../json.ts'
import { findRow } from '../organization/find.ts'
import type { Organization } from '../organization/open.ts'
import { isGuid } from '../organization/values.ts'

/** Whose rows: nobody's, those that one owns or that were shared, everybody's. */
export type Depth = 'none' | 'user' | 'organization'

const depths: readonly Depth[] = ['none', 'user', 'organization']
export const rights = ['Create', 'Read', 'Write', 'Delete', 'Append', 'AppendTo', 'Assign', 'Share'] as const
export type Right = (typeof rights)[number]

/** The privileges of the sandbox that belong to no table; everyone holds them unless a rule says otherwise. */
export const namedPrivileges = [
  'prvActOnBehalfOfAnotherUser',
  'prvBulkDelete',
  'prvBypassCustomBusinessLogic',
  'prvBypassCustomPlugins',
  'prvPublishCustomization',
  ...(['Create', 'Write', 'Delete'] as const).flatMap((right) =>
    (['Entity', 'Attribute', 'EntityKey', 'Relationship', 'OptionSet'] as const).map((kind) => `prv${right}${kind}` as const),
  ),
] as const
export type NamedPrivilege = (typeof namedPrivileges)[number]

/** What a user may do. Where no rule speaks of a user and table, the user may do everything. */
export type PrivilegeRule =
  | {
      /** `systemuserid` or `domainname`. */
      user: string
      /** Logical name, or `*` for all tables that no other rule speaks of. */
      table: string
      /** All, when left out. */
      rights?: readonly Right[]
      depth: Depth
    }
  | { user: string; privilege: string; held: boolean }

/** By user id: depths by `<table> <right>`, and the named privileges that are not held. */
export interface Privileges {
  depths: Map<string, Map<string, Depth>>
  missing: Map<string, Set<string>>
}

export function allPrivileges(): Privileges {
  return { depths: new Map(), missing: new Map() }
}

/**
 * Applies rules; of two about the same the later one holds.
 * @throws RangeError for a user, table, right, depth or privilege that there is not; then no rule is applied
 */
export function setPrivileges(organization: Organization, rules: readonly PrivilegeRule[]): void {
  const users = rules.map((rule) => checked(organization, rule))
  for (const [index, rule] of rules.entries()) {
    const user = users[index]!
    if ('privilege' in rule) {
      const missing = entry(organization.privileges.missing, user, () => new Set<string>())
      if (rule.held) missing.delete(rule.privilege)
      else missing.add(rule.privilege)
    } else {
      const known = entry(organization.privileges.depths, user, () => new Map<string, Depth>())
      for (const right of rule.rights ?? rights) known.set(`${rule.table} ${right}`, rule.depth)
    }
  }
}

/** @returns the id of the user */
function checked(organization: Organization, rule: PrivilegeRule): string {
  if (typeof rule !== 'object' || rule === null) throw new RangeError('A rule about privileges must be an object.')
  const user = findUser(organization, rule.user)
  if (user === undefined) throw new RangeError(`There is no user \`${textOf(rule.user)}\`.`)
  if ('privilege' in rule) {
    if (!privilegeNames(organization).has(rule.privilege)) throw new RangeError(`There is no privilege \`${textOf(rule.privilege)}\`.`)
    if (typeof rule.held !== 'boolean') throw new RangeError('`held` must be true or false.')
    return user
  }
  if (rule.table !== '*' && !organization.schema.tables.has(rule.table))
    throw new RangeError(`There is no table \`${textOf(rule.table)}\`.`)
  if (!depths.includes(rule.depth)) throw new RangeError(`\`depth\` can be ${depths.join(', ')}.`)
  if (!Array.isArray(rule.rights ?? []) || !(rule.rights ?? []).every((right) => rights.includes(right)))
    throw new RangeError(`\`rights\` can be ${rights.join(', ')}.`)
  return user
}

function findUser(organization: Organization, user: unknown): string | undefined {
  const users = organization.schema.tables.get('systemuser')!
  if (isGuid(user)) return findRow(organization, users, { id: user.toLowerCase() })
  const name = users.columns.get('domainname')!
  return typeof user === 'string' ? findRow(organization, users, { columns: [[name, user]], texts: [] }) : undefined
}

function privilegeNames({ schema }: Organization): Set<string> {
  return new Set([...namedPrivileges, ...schema.customApis.flatMap(({ executePrivilege }) => executePrivilege ?? [])])
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}
