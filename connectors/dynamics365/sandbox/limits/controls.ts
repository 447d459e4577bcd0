import type { Control } from '../control/control.ts'
import { OrderError } from '../control/orders.ts'
import type { Limits } from './limits.ts'
import { readLimits } from './settings.ts'

export interface LimitState {
  limits: Limits
}

const inForce = ({ limits }: LimitState) => limits.settings ?? { limits: 'off' }

export const limitControls: readonly Control<LimitState>[] = [
  { method: 'GET', path: '/limits', about: 'service protection limits in force', handle: inForce },
  {
    method: 'POST',
    path: '/limits',
    about: 'sets service protection limits; counters begin anew',
    fields: { limits: 'off, real, or a list such as requests=60,window=3s' },
    handle(state, { limits }) {
      if (typeof limits !== 'string')
        throw new OrderError('The body must be {"limits": "off", "real" or a list such as "requests=60,window=3s"}.')
      state.limits.set(readLimits(limits))
      return inForce(state)
    },
  },
]
