import { type Client, openClient } from '../../connectors/dynamics365/client.ts'
import type { Settings } from '../../connectors/dynamics365/settings.ts'
import type {
  ActionContext,
  AnyAction,
  AnyTrigger,
  Clock,
  HttpRequest,
  Json,
  PollContext,
  PollPage,
  Request,
  Snapshot,
  SnapshotRow,
  TriggerEvent,
} from '../../runner/connector/index.ts'

/** Time that moves only by sleeping. */
export function testClock(start = new Date('2026-01-01T00:00:00Z')): Clock & { slept: number[] } {
  let now = start.getTime()
  const slept: number[] = []
  return {
    slept,
    now: () => new Date(now),
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
    },
  }
}

/** A plain authorized request with a token from the client-credentials grant: no renewal, no waiting, no repeats. */
export async function plainRequest(settings: Settings): Promise<Request> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: settings.client_id ?? '',
    client_secret: settings.client_secret ?? '',
    scope: `${settings.url}/.default`,
  })
  const answer = await fetch(`${settings.authority}/${settings.tenant}/oauth2/v2.0/token`, { method: 'POST', body: form })
  const { access_token } = (await answer.json()) as { access_token: string }
  return async ({ method, url, headers, body }: HttpRequest) => {
    const response = await fetch(new URL(url, `${settings.url}/api/data/v9.2/`), {
      method,
      headers: { accept: 'application/json', 'odata-version': '4.0', authorization: `Bearer ${access_token}`, ...headers },
      ...(body !== undefined && { body: body as string }),
    })
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  }
}

export interface TestOrganization {
  client: Client
  /** Everything that was asked so far, as `METHOD path`. */
  asked: string[]
  /** Sees each request before it is sent and may answer in the server's place. */
  intercept(handler: ((request: HttpRequest, send: Request) => ReturnType<Request>) | undefined): void
  clock: ReturnType<typeof testClock>
  close(): Promise<void>
}

/** A sandbox of its own with a client that is signed in. */
export async function testOrganization(options: Record<string, unknown> = {}): Promise<TestOrganization> {
  const { startSandbox } = await import('../../connectors/dynamics365/sandbox/index.ts')
  const sandbox = await startSandbox(options)
  const settings = { ...sandbox.settings, auth: 'client_credentials' } as Settings
  const send = await plainRequest(settings)
  const asked: string[] = []
  const clock = testClock()
  let handler: Parameters<TestOrganization['intercept']>[0]
  const request: Request = (one) => {
    asked.push(`${one.method} ${one.url}`)
    return handler ? handler(one, send) : send(one)
  }
  return {
    client: openClient({ settings, request, clock }),
    asked,
    intercept(next) {
      handler = next
    },
    clock,
    close: () => sandbox.close(),
  }
}

/** Runs an action once, as the engine would. */
export function runAction<Output>(
  action: AnyAction,
  client: Client,
  input: unknown,
  context: Partial<ActionContext<Client, unknown>> = {},
): Promise<Output> {
  const outcome = action.run({
    client,
    input,
    key: 'job-1/step_1',
    jobCreatedAt: new Date('2026-01-01T00:00:00Z'),
    again: false,
    progress: { saved: undefined, save: async () => {} },
    signal: AbortSignal.timeout(30_000),
    ...context,
  })
  return outcome as Promise<Output>
}

/** What a recipe keeps between polls: cursor, snapshot, event identities. */
export function pollingRecipe(trigger: AnyTrigger, client: Client) {
  const rows = new Map<string, SnapshotRow>()
  const seen = new Set<string>()
  let cursor: Json = null
  const snapshot: Snapshot = {
    get: async (ids) => new Map(ids.flatMap((id) => (rows.has(id) ? [[id, rows.get(id) as SnapshotRow]] : []))),
    async *ids() {
      const all = [...rows.keys()].sort()
      for (let at = 0; at < all.length; at += 2) yield all.slice(at, at + 2)
    },
  }
  function accept(page: PollPage): TriggerEvent[] {
    const fresh = page.events.filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    for (const { id, row } of page.snapshotChanges ?? [])
      row === null ? rows.delete(id) : rows.set(id, JSON.parse(JSON.stringify(row)) as SnapshotRow)
    cursor = JSON.parse(JSON.stringify(page.cursor)) as Json
    return fresh
  }
  return {
    rows,
    get cursor() {
      return cursor
    },
    set cursor(value: Json) {
      cursor = value
    },
    /** One poll; with `pages`, the process dies after so many pages. Returns the events that are new. */
    async poll(input: unknown, options: Partial<PollContext<Client, unknown>> & { pages?: number } = {}): Promise<TriggerEvent[]> {
      const events: TriggerEvent[] = []
      let pages = 0
      const context = {
        client,
        input,
        cursor,
        snapshot,
        since: 'now' as const,
        until: new Date('2099-01-01T00:00:00Z'),
        signal: AbortSignal.timeout(30_000),
        ...options,
      }
      for await (const page of trigger.poll(context)) {
        events.push(...accept(page))
        if (++pages === options.pages) break
      }
      return events
    },
  }
}
