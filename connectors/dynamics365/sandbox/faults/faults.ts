import type { FaultName } from './kinds.ts'
import { type Fault, readFault } from './read-fault.ts'

/** A request as far as faults look at it. */
export interface Incoming {
  on: 'webapi' | 'token'
  method: string
  rawUrl: string
}

export interface OrderedFault {
  id: number
  fault: FaultName
  fields: Fault['fields']
  /** Matching requests so far, those that passed included. */
  seen: number
}

/** The faults that were ordered. */
export interface Faults {
  /** @throws RangeError with a sentence */
  add(order: Record<string, unknown>): OrderedFault
  list(): OrderedFault[]
  remove(id?: number): void
  /** Those that happen to this request; it counts as seen by each that it matches. */
  of(request: Incoming): Plan
}

/** What happens to one request. */
export type Plan = Partial<Record<FaultName, Fault['fields']>>

const noFaults: Plan = {}

export function createFaults(): Faults {
  const ordered = new Map<number, { fault: Fault; seen: number }>()
  let last = 0
  return {
    add(order) {
      const fault = readFault(order)
      ordered.set(++last, { fault, seen: 0 })
      return { id: last, fault: fault.kind, fields: fault.fields, seen: 0 }
    },
    list: () => [...ordered].map(([id, { fault, seen }]) => ({ id, fault: fault.kind, fields: fault.fields, seen })),
    remove(id) {
      if (id === undefined) ordered.clear()
      else ordered.delete(id)
    },
    of(request) {
      if (ordered.size === 0) return noFaults
      const plan: Plan = {}
      for (const [id, one] of ordered) {
        const { after = 0, times = Number.POSITIVE_INFINITY } = one.fault.fields as { after?: number; times?: number }
        if (!matches(one.fault, request)) continue
        one.seen++
        if (one.seen > after) plan[one.fault.kind] ??= one.fault.fields
        if (one.seen >= after + times) ordered.delete(id)
      }
      return plan
    },
  }
}

function matches({ fields, pattern }: Fault, { on, method, rawUrl }: Incoming): boolean {
  if (fields.on !== 'any' && fields.on !== on) return false
  if (fields.method !== undefined && String(fields.method).toUpperCase() !== method) return false
  if (fields.path !== undefined && !rawUrl.includes(String(fields.path))) return false
  return pattern === undefined || pattern.test(rawUrl)
}
