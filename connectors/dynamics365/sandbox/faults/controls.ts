import type { Control } from '../control/control.ts'
import type { Faults } from './faults.ts'
import { faultKinds, matcherFields } from './kinds.ts'

export interface FaultState {
  faults: Faults
}

export const faultControls: readonly Control<FaultState>[] = [
  {
    method: 'GET',
    path: '/faults',
    about: 'faults that are ordered, and what there is to order',
    handle: ({ faults }) => ({ faults: faults.list(), kinds: faultKinds, matcher: matcherFields }),
  },
  {
    method: 'POST',
    path: '/faults',
    about: 'orders a fault',
    fields: { fault: 'its kind; further fields as GET /sandbox/faults tells' },
    handle: ({ faults }, order) => faults.add(order),
  },
  {
    method: 'DELETE',
    path: '/faults/:id?',
    about: 'takes back one fault, or all',
    handle({ faults }, { id }) {
      faults.remove(id === undefined ? undefined : Number(id))
      return { faults: faults.list() }
    },
  },
]
