import type { Check } from './check.ts'
import type { Link } from './link.ts'

/** The connector's own proof: one cheap call, which says who we are there. */
export const call: Check<Link> = {
  title: 'call',
  async run({ spec, connection, signal }) {
    const { test } = spec.connector
    return test ? { result: 'ok', says: (await test(connection.client, signal)).identity } : []
  },
}
