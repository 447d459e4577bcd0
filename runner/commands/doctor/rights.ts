import type { Check } from './check.ts'
import type { Link } from './link.ts'

/** Whether we may do what the recipes do; only the connector can know. */
export const rights: Check<Link> = {
  title: 'rights',
  async run({ spec, connection, uses, signal }) {
    return (await spec.connector.rights?.(connection.client, uses, signal)) ?? []
  },
}
