import { type Client, openClient } from '../../../../connectors/dynamics365/client.ts'
import type { HttpResponse, Request } from '../../../../runner/connector/index.ts'
import { testClock } from '../../../support/dynamics365.ts'

interface FakeRow {
  values: Record<string, unknown>
  version: number
}

/**
 * One table behind a request function, for what a poll must survive: links that expire, processes that die between pages, late commits, another host.
 * Pages hold two rows.
 */
export class FakeTable {
  readonly rows = new Map<string, FakeRow>()
  readonly asked: string[] = []
  host = 'harbor.crm4.dynamics.com'
  organization = 'cc000000-0000-4000-8000-000000000001'
  changeTracking = true
  /** Tokens and cookies made before this version are refused. */
  expiredBefore = 0
  #version = 100
  readonly #deleted: { id: string; version: number }[] = []

  put(id: string, values: Record<string, unknown>, at = '2026-01-01T00:00:00Z'): void {
    const createdon = this.rows.get(id)?.values.createdon ?? at
    this.rows.set(id, {
      values: { ...this.rows.get(id)?.values, accountid: id, createdon, modifiedon: at, ...values },
      version: ++this.#version,
    })
  }

  delete(id: string): void {
    this.rows.delete(id)
    this.#deleted.push({ id, version: ++this.#version })
  }

  /** All changes so far are forgotten by the server. */
  expire(): void {
    this.expiredBefore = ++this.#version
  }

  client(): Client {
    const request: Request = async ({ url }) => {
      this.asked.push(url)
      const { status, body } = this.#answer(new URL(url, `https://${this.host}/api/data/v9.2/`))
      return { status, headers: {}, body: JSON.stringify(body) }
    }
    return openClient({ settings: { account_type: 'cloud', client_id: 'c', subdomain: this.host }, request, clock: testClock() })
  }

  #answer(url: URL): Pick<HttpResponse, 'status'> & { body: unknown } {
    const path = url.pathname.replace('/api/data/v9.2/', '')
    const option = (name: string) => url.searchParams.get(name)
    if (path === 'WhoAmI()') return { status: 200, body: { UserId: 'u', OrganizationId: this.organization } }
    if (path.startsWith('EntityDefinitions')) return { status: 200, body: definition(this.changeTracking) }
    const token = option('$deltatoken') ?? option('$skiptoken')
    if (token !== null && Number(token.split(':')[0]) < this.expiredBefore)
      return { status: 400, body: { error: { code: option('$deltatoken') ? '0x80044352' : '0x8004112a', message: 'expired' } } }
    if (option('$deltatoken')) return this.#delta(Number(option('$deltatoken')))
    const filter = option('$filter')
    return this.#list(url, token, filter)
  }

  #delta(since: number) {
    const changed = [...this.rows.values()].filter(({ version }) => version > since).map(wire)
    const deleted = this.#deleted
      .filter(({ version }) => version > since)
      .map(({ id }) => ({ id, reason: 'deleted', '@odata.context': '…/$deletedEntity' }))
    return { status: 200, body: { value: [...changed, ...deleted], '@odata.deltaLink': this.#link(`$deltatoken=${this.#version}`) } }
  }

  #list(url: URL, token: string | null, filter: string | null) {
    const order = url.searchParams.get('$orderby')?.split(/[ ,]/) ?? ['accountid']
    const bounds = [...(filter ?? '').matchAll(/(createdon|modifiedon) (ge|le) (\S+)/g)]
    const open = filter?.includes('(statecode eq 0)')
    let rows = [...this.rows.values()]
      .filter(({ values }) =>
        bounds.every(([, column = '', operator, bound = '']) =>
          operator === 'ge' ? String(values[column]) >= bound : String(values[column]) <= bound,
        ),
      )
      .filter(({ values }) => !open || values.statecode === 0)
      .toSorted((a, b) => (sortKey(a, order) < sortKey(b, order) ? -1 : 1))
    if (order[1] === 'desc') rows = rows.toReversed()
    const top = url.searchParams.get('$top')
    if (top) return { status: 200, body: { value: rows.slice(0, Number(top)).map(wire) } }
    const [, after = ''] = token?.split(':') ?? []
    const rest = rows.filter((row) => after === '' || sortKey(row, order) > Buffer.from(after, 'hex').toString())
    const page = rest.slice(0, 2)
    const query = url.search.slice(1).replace(/&?\$skiptoken=[^&]*/, '')
    const next = `${query}&$skiptoken=${this.#version}:${Buffer.from(sortKey(page.at(-1), order)).toString('hex')}`
    const more =
      rest.length > 2
        ? { '@odata.nextLink': this.#link(next) }
        : order[0] === 'accountid'
          ? { '@odata.deltaLink': this.#link(`$deltatoken=${this.#version}`) }
          : {}
    return { status: 200, body: { value: page.map(wire), ...more } }
  }

  #link(query: string): string {
    return `https://${this.host}/api/data/v9.2/accounts?${query}`
  }
}

function sortKey(row: FakeRow | undefined, [column = 'accountid']: string[]): string {
  return `${row?.values[column]}|${row?.values.accountid}`
}

function wire({ values, version }: FakeRow): Record<string, unknown> {
  const label = 'OData.Community.Display.V1.FormattedValue'
  return {
    '@odata.etag': `W/"${version}"`,
    ...values,
    ...(values.statecode !== undefined && { [`statecode@${label}`]: values.statecode === 0 ? 'Active' : 'Inactive' }),
  }
}

function definition(changeTracking: boolean): Record<string, unknown> {
  const column = (LogicalName: string, AttributeType: string) => ({
    LogicalName,
    AttributeType,
    AttributeOf: null,
    IsValidForCreate: true,
    IsValidForUpdate: true,
    IsValidForRead: true,
  })
  return {
    LogicalName: 'account',
    EntitySetName: 'accounts',
    PrimaryIdAttribute: 'accountid',
    PrimaryNameAttribute: 'name',
    ChangeTrackingEnabled: changeTracking,
    Attributes: [
      column('accountid', 'Uniqueidentifier'),
      column('name', 'String'),
      column('telephone1', 'String'),
      column('statecode', 'State'),
      column('createdon', 'DateTime'),
      column('modifiedon', 'DateTime'),
    ],
    Keys: [],
    ManyToOneRelationships: [],
  }
}
