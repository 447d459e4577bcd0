import { randomUUID } from 'node:crypto'
import type { Clock, Log } from '../connector/index.ts'
import { changeWhile, type Records, type Stored } from './record.ts'
import type { TokenRecord, TokenStore } from './token-store.ts'

/** Longer than the requests of one renewal may take: the organization's challenge, a refresh token, and a password where that one has ended. */
export const leaseMs = 95_000
const lookMs = 100

export interface LeasePorts {
  records: Records
  tokens: Pick<TokenStore, 'lifeSign' | 'isGone'>
  clock: Clock
  log: Log
  signal: AbortSignal
}

/**
 * The right to send a request to the token endpoint, kept in the row itself: what is taken and what comes of it go by the same compare-and-swap.
 *
 * It ends with what is written after the request. That of a process that died is taken over at once, by the store's life signs, and that of one that hangs after
 * {@link leaseMs}, counted by whoever waits: a clock that jumps neither ends a lease nor lengthens it.
 * @param look sees the row before each try: what it returns or throws makes a request needless
 */
export async function takeLease<T>(
  look: (record: TokenRecord) => T | undefined,
  { records, tokens, clock, log, signal }: LeasePorts,
): Promise<{ found: T } | { leased: Stored }> {
  let [holder, waitedMs]: [string | undefined, number] = [undefined, 0]
  for (;;) {
    const stored = await records.read()
    const { record } = stored
    const found = look(record)
    if (found !== undefined) return { found }
    if (record.lease?.owner !== holder) [holder, waitedMs] = [record.lease?.owner, 0]
    if (record.lease && waitedMs < leaseMs && !tokens.isGone(record.lease.process)) {
      if (waitedMs === 0) log.debug('somebody else renews the access token; waiting for it', { connection: record.connection })
      await clock.sleep(lookMs, signal)
      waitedMs += lookMs
    } else {
      const lease = { owner: randomUUID(), process: tokens.lifeSign, since: clock.now().toISOString() }
      const leased = await records.write(stored, { ...withoutLease(record), lease })
      if (leased) return { leased }
    }
  }
}

/** A lease that still stands when its request is over is one of a request whose answer was never stored. */
function withoutLease({ lease, ...record }: TokenRecord): TokenRecord {
  return lease && record.refresh ? { unanswered: lease.since, ...record } : record
}

/** Ends a lease with what its request brought. Undefined when it is no longer ours: somebody else signed in, forgot the sign-in, or took over. */
export async function endLease(
  records: Records,
  leased: Stored,
  change: (record: TokenRecord) => TokenRecord,
): Promise<Stored | undefined> {
  return changeWhile(
    records,
    leased,
    ({ record }) => record.lease?.owner === leased.record.lease?.owner,
    ({ lease: _, ...record }) => change(record),
  )
}
