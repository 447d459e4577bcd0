import { WebApiError } from '../error.ts'
import type { Values } from '../organization/body.ts'
import { createRow, wholeSecond } from '../organization/create.ts'
import type { WriteEvent } from '../organization/events.ts'
import type { Organization } from '../organization/open.ts'
import { storedMoment } from '../organization/values.ts'
import { type Context, contextOf } from './context.ts'
import { type SendOptions, send } from './send.ts'
import { matching, type Step, stepsOf } from './steps.ts'

/** Deliveries of one organization that are under way. */
interface Dispatcher {
  running: Set<Promise<void>>
  abort: AbortController
}

const dispatchers = new WeakMap<Organization, Dispatcher>()

/** Whether the answer to a write must wait for somebody. */
export function hasSynchronousSteps(organization: Organization): boolean {
  return stepsOf(organization).some(({ synchronous }) => synchronous)
}

/**
 * Calls the synchronous steps of what was written so far, one after the other.
 * @throws WebApiError 0x80040265 when one of them fails: the writes are to be taken back
 */
export async function callSynchronousSteps(organization: Organization): Promise<void> {
  for (const { step, event } of called(organization, true)) {
    const failure = await send(step, contextOf(organization, step, event), optionsOf(organization))
    if (failure) throw new WebApiError(400, '0x80040265', `${failure} The step '${step.name}' is synchronous, so nothing was written.`)
  }
}

/** Sends what was written to the asynchronous steps; nobody waits for it. The writes are done: what is in the outbox goes. */
export function dispatch(organization: Organization): void {
  if (organization.outbox.length === 0) return
  const calls = called(organization, false).map(({ step, event }) => ({ step, context: contextOf(organization, step, event) }))
  organization.outbox.length = 0
  for (const { step, context } of calls) deliver(organization, step, context)
}

/** Delivers in the background and keeps a job of it. */
export function deliver(organization: Organization, step: Step, context: Context): void {
  const { running } = dispatcherOf(organization)
  const delivery = send(step, context, optionsOf(organization)).then(async (failure) => {
    // The job must not be written into the open transaction of another request, which may be taken back.
    while (organization.held) await organization.held
    if (!dispatcherOf(organization).abort.signal.aborted) keepJob(organization, step, context, failure)
  })
  running.add(delivery)
  void delivery.finally(() => running.delete(delivery))
}

/** Resolves when no delivery is under way. */
export async function settled(organization: Organization): Promise<void> {
  const { running } = dispatcherOf(organization)
  while (running.size > 0) await Promise.all(running)
}

/** Ends the deliveries that are under way, also those that a request waits for. */
export async function endDeliveries(organization: Organization): Promise<void> {
  dispatcherOf(organization).abort.abort()
  while (organization.held) await organization.held
  await settled(organization)
}

function called(organization: Organization, synchronous: boolean): { step: Step; event: WriteEvent }[] {
  const steps = stepsOf(organization).filter((step) => step.synchronous === synchronous)
  return steps.length === 0 ? [] : organization.outbox.flatMap((event) => matching(steps, event).map((step) => ({ step, event })))
}

/** A job tells how the delivery ended (facts sheet "Delivery", "`asyncoperations`"); one that succeeded is not kept where the step says so. */
function keepJob(organization: Organization, step: Step, { message, table }: Context, failure: string | undefined): void {
  if (failure === undefined && step.deletesJob) return
  const jobs = organization.schema.tables.get('asyncoperation')!
  const values: Values = new Map<string, string | number>([
    ['name', step.name],
    ['operationtype', 1],
    ['messagename', message],
    ['primaryentitytype', table],
    ['statecode', 3],
    ['statuscode', failure === undefined ? 30 : 31],
    ['completedon', storedMoment(wholeSecond(organization.clock()))],
    ...(failure === undefined ? [] : [['message', failure] as [string, string]]),
  ])
  // Nobody is told of jobs; what others wrote stays to be told.
  const told = organization.outbox.length
  createRow(organization, jobs, values, { userId: organization.schema.ids.userId, server: true })
  organization.outbox.length = told
}

function dispatcherOf(organization: Organization): Dispatcher {
  const found = dispatchers.get(organization) ?? { running: new Set<Promise<void>>(), abort: new AbortController() }
  dispatchers.set(organization, found)
  return found
}

function optionsOf(organization: Organization): SendOptions {
  return { switches: organization.switches, signal: dispatcherOf(organization).abort.signal }
}
