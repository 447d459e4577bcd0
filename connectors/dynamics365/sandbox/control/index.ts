import type { Hono } from 'hono'
import { type FaultState, faultControls } from '../faults/controls.ts'
import { type LimitState, limitControls } from '../limits/controls.ts'
import { type PageState, pageControls } from '../page/controls.ts'
import { type Control, type ControlEntry, entryOf } from './control.ts'
import { type OrganizationState, organizationControls } from './organization-controls.ts'
import { controlRoutes } from './routes.ts'
import { type SignInState, signInControls } from './sign-in-controls.ts'

type State = SignInState & OrganizationState & LimitState & FaultState & PageState

const controls: readonly Control<State>[] = [
  ...signInControls,
  ...organizationControls,
  ...limitControls,
  ...faultControls,
  ...pageControls,
]

/** Everything that the control interface has, as `GET /sandbox` lists it. */
export const controlList: readonly ControlEntry[] = controls.map(entryOf)

/** The control interface: switches for tests and rehearsals, below `/sandbox`. */
export function controlInterface(state: State): Hono {
  const list: Control<State> = { method: 'GET', path: '/', about: 'this list', handle: () => ({ controls: controlList }) }
  return controlRoutes([list, ...controls], state)
}
