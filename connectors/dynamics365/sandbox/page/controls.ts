import { streamSSE } from 'hono/streaming'
import type { Control } from '../control/control.ts'
import type { Directory } from '../identity/directory.ts'
import type { RequestLog } from '../log.ts'
import type { Organization } from '../organization/open.ts'
import { setSwitches } from '../switches.ts'
import { firstRows } from './rows.ts'
import { clientsAndTokens, switchList, tableList } from './state.ts'

export interface PageState {
  organization: Organization
  directory: Directory
  log: RequestLog
  /** Certificate of the authority to trust, in PEM; undefined without https. */
  ca: string | undefined
}

/** What the page asks for: switches, tables, tokens and clients, requests as they come. */
export const pageControls: readonly Control<PageState>[] = [
  {
    method: 'GET',
    path: '/switches',
    about: 'points on which organizations differ, and how they are answered',
    handle: ({ organization }) => ({ switches: switchList(organization) }),
  },
  {
    method: 'POST',
    path: '/switches',
    about: 'sets switches',
    fields: { '<name>': 'one of its values' },
    handle({ organization }, order) {
      setSwitches(organization.switches, order)
      return organization.switches
    },
  },
  {
    method: 'GET',
    path: '/ca',
    about: 'with https: certificate of the authority to trust, in PEM',
    handle: ({ ca }, _, c) => (ca === undefined ? c.notFound() : c.body(ca, 200, { 'Content-Type': 'application/x-pem-file' })),
  },
  {
    method: 'GET',
    path: '/tables',
    about: 'tables with the number of their rows',
    handle: ({ organization }) => ({ tables: tableList(organization) }),
  },
  {
    method: 'GET',
    path: '/tables/:set/rows',
    about: 'the latest rows of a table',
    handle: async ({ organization }, { set }, c) => (await firstRows(organization, String(set))) ?? c.notFound(),
  },
  { method: 'GET', path: '/sign-ins', about: 'clients and what they hold', handle: ({ directory }) => clientsAndTokens(directory) },
  {
    method: 'GET',
    path: '/log',
    about: 'the latest 500 requests with their answers',
    fields: { after: 'id of the last one already seen' },
    handle: ({ log }, { after }) => ({ exchanges: log.after(Number(after ?? 0)) }),
  },
  {
    method: 'GET',
    path: '/events',
    about: 'the same as they come, as server-sent events',
    handle: ({ log }, _, c) =>
      streamSSE(c, async (stream) => {
        const { signal } = c.req.raw
        for (let one = await log.next(log.last, signal); one; one = await log.next(one.id, signal))
          await stream.writeSSE({ data: JSON.stringify(one), id: String(one.id) })
      }),
  },
]
