import type { Directory } from '../identity/directory.ts'
import { quoted } from '../organization/database.ts'
import type { Organization } from '../organization/open.ts'
import { type Switch, switches } from '../switches.ts'

/** Every table with how many rows it has, those that have some first. */
export function tableList({ schema, database }: Organization) {
  return [...schema.tables.values()]
    .map(({ logicalName, entitySetName, primaryName, changeTracking, elastic, intersect }) => ({
      name: logicalName,
      set: entitySetName,
      primaryName,
      rows: Number(database.get(`select count(*) as count from ${quoted(logicalName)}`)?.count),
      changeTracking: changeTracking ?? false,
      elastic: elastic ?? false,
      intersect: intersect ?? false,
    }))
    .sort((a, b) => Number(b.rows > 0) - Number(a.rows > 0) || (a.name < b.name ? -1 : 1))
}

/** Clients and what they hold, without the tokens themselves. */
export function clientsAndTokens(directory: Directory) {
  const now = directory.clock().getTime()
  const clients = [directory.confidentialClient, directory.publicClient, directory.spaClient]
  return {
    tenant: directory.tenantId,
    user: directory.user.principalName,
    now: new Date(now).toISOString(),
    clients: clients.map(({ clientId, name, kind }) => ({ clientId, name, kind, consented: directory.consented.has(clientId) })),
    refreshTokens: [...directory.refreshTokens.values()].map(({ realm, clientId, issuedAt, usedAt, endsAt, dead }) => ({
      realm,
      clientId,
      issuedAt,
      usedAt,
      endsAt: endsAt ?? null,
      dead: dead ?? null,
    })),
    accessTokens: [...directory.accessTokens.values()].filter(({ expiresAt, revoked }) => !revoked && expiresAt.getTime() > now).length,
  }
}

export function switchList(organization: Organization) {
  return Object.entries(switches as Record<string, Switch>).map(([name, { sheet, about, values }]) => ({
    name,
    sheet,
    about,
    values,
    value: organization.switches[name as keyof typeof organization.switches],
  }))
}
