import { type End, endsOf } from './ends.ts'
import { type State, stateOf } from './states.ts'
import type { Mark, TokenRecord, TokenStore } from './token-store.ts'

/** A sign-in as a person wants to see it. Times are ISO 8601. */
export interface KeptSignIn {
  name: string
  environment: string
  state: State
  /** Of a mark. */
  kind?: Mark['kind']
  actor: TokenRecord['actor']
  /** Who signed in, where that is known. */
  who?: string
  /** Since when the state is what it is: the sign-in or last rotation, or the refusal. */
  since?: string
  /** What is known to end, soonest first. */
  ends: End[]
  /** Message of the mark, or what else stands in the way. */
  why?: string
}

/** All sign-ins of the store, by name. Reads only. */
export async function keptSignIns(tokens: TokenStore, now: Date): Promise<KeptSignIn[]> {
  const rows = await tokens.list()
  return rows
    .map((row) => keptSignIn(row.payload as TokenRecord, now))
    .sort((a, b) => a.name.localeCompare(b.name) || a.environment.localeCompare(b.environment))
}

function keptSignIn(record: TokenRecord, now: Date): KeptSignIn {
  const { connection, environment, actor, access, refresh, identity, mark, barred, degraded } = record
  const trouble = mark ? { since: mark.since, words: mark.message } : (barred ?? degraded)
  const since = trouble?.since ?? refresh?.obtainedAt ?? access?.obtainedAt
  return {
    name: connection,
    environment,
    state: stateOf(record, now),
    ...(mark && { kind: mark.kind }),
    actor,
    ...(identity?.user !== undefined && { who: identity.user }),
    ...(since !== undefined && { since }),
    ...(trouble && { why: trouble.words }),
    ends: endsOf(record),
  }
}
