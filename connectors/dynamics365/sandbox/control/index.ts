import type { Hono } from 'hono'
import { type Control, type ControlEntry, entryOf } from './control.ts'
import { type OrganizationState, organizationControls } from './organization-controls.ts'
import { otherControls } from './other-controls.ts'
import { controlRoutes } from './routes.ts'
import { type SignInState, signInControls } from './sign-in-controls.ts'

/** Everything that the control interface has, as `GET /sandbox` lists it. */
export const controlList: readonly ControlEntry[] = [...signInControls, ...organizationControls, ...otherControls].map(entryOf)

/** The control interface: switches for tests and rehearsals, below `/sandbox`. */
export function controlInterface(state: SignInState & OrganizationState): Hono {
  const list: Control<unknown> = { method: 'GET', path: '/', about: 'this list', handle: () => ({ controls: controlList }) }
  return controlRoutes<typeof state>([list, ...signInControls, ...organizationControls], state)
}
