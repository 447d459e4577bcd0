import type { ControlEntry } from './control.ts'

/** What other routers answer: limits/routes.ts, faults/routes.ts and page/routes.ts. Listed here, so that everything can be found at one place. */
export const otherControls: readonly ControlEntry[] = [
  { method: 'GET', path: '/limits', about: 'service protection limits in force' },
  {
    method: 'POST',
    path: '/limits',
    about: 'sets service protection limits',
    fields: { limits: 'off, real, or a list such as requests=60,window=3s' },
  },
  { method: 'GET', path: '/faults', about: 'faults that are ordered, and what there is to order' },
  {
    method: 'POST',
    path: '/faults',
    about: 'orders a fault',
    fields: { fault: 'its kind; further fields as GET /sandbox/faults tells' },
  },
  { method: 'DELETE', path: '/faults/:id?', about: 'takes back one fault, or all' },
  { method: 'GET', path: '/switches', about: 'points on which organizations differ, and how they are answered' },
  { method: 'POST', path: '/switches', about: 'sets switches', fields: { '<name>': 'one of its values' } },
  { method: 'GET', path: '/ca', about: 'with https: certificate of the authority to trust, in PEM' },
  { method: 'GET', path: '/tables', about: 'tables with the number of their rows' },
  { method: 'GET', path: '/sign-ins', about: 'clients and what they hold' },
  {
    method: 'GET',
    path: '/log',
    about: 'the latest 500 requests with their answers',
    fields: { after: 'id of the last one already seen' },
  },
  { method: 'GET', path: '/events', about: 'the same as they come, as server-sent events' },
]
