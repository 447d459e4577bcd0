import type { Workspace } from '../workspace.ts'
import { call } from './call.ts'
import { challenge } from './challenge.ts'
import type { Check } from './check.ts'
import { clock } from './clock.ts'
import { ends } from './ends.ts'
import type { Link } from './link.ts'
import { nodeVersion } from './node-version.ts'
import { reach } from './reach.ts'
import { rights } from './rights.ts'
import { store } from './store.ts'
import { token } from './token.ts'

export const machineChecks: Check<unknown>[] = [nodeVersion]

export const rootChecks: Check<Workspace>[] = [store]

/** In the order in which a run depends on them. */
export const linkChecks: Check<Link>[] = [
  ends,
  ...reach('the system', async ({ baseUrl }) => baseUrl),
  clock,
  challenge,
  ...reach('the authority', async ({ look }) => (await look())?.tokenEndpoint),
  token,
  call,
  rights,
]
