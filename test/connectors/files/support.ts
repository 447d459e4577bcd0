import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import append from '../../../connectors/files/actions/append.ts'
import { files } from '../../../connectors/files/connection.ts'
import rows from '../../../connectors/files/triggers/rows.ts'
import type { ActionContext, Json, PollContext, PollPage, Progress, TriggerEvent } from '../../../runner/connector/index.ts'

export type FilesClient = ReturnType<typeof files.open>
type AppendInput = Parameters<typeof append.run>[0]['input']
type RowsInput = Parameters<typeof rows.poll>[0]['input']

/** Runs with a folder of its own, gone afterwards. */
export async function inFolder(work: (folder: string, client: FilesClient) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'runner-files-'))
  try {
    await work(folder, clientIn(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function clientIn(folder: string, settings: { folder?: string } = {}): FilesClient {
  const nothing = () => undefined
  return files.open({
    settings,
    folder,
    request: () => Promise.reject(new Error('the files connector makes no request')),
    log: { debug: nothing, info: nothing, warn: nothing },
    clock: { now: () => new Date(0), sleep: () => Promise.resolve() },
    random: () => 0,
  })
}

export interface Polled {
  events: TriggerEvent[]
  records: unknown[]
  pages: PollPage[]
  /** What the last page left, or the cursor that went in. */
  cursor: Json
  error?: unknown
}

/** One poll, read to its end or to its error. */
export async function poll(
  client: FilesClient,
  input: RowsInput,
  cursor: Json = null,
  context: Partial<PollContext<FilesClient, RowsInput>> = {},
): Promise<Polled> {
  const polled: Polled = { events: [], records: [], pages: [], cursor }
  try {
    for await (const page of rows.poll({
      client,
      input,
      cursor,
      snapshot: { get: async () => new Map(), async *ids() {} },
      since: 'beginning',
      until: new Date(),
      signal: new AbortController().signal,
      ...context,
    })) {
      polled.pages.push(page)
      polled.events.push(...page.events)
      // A store keeps the cursor as JSON.
      polled.cursor = JSON.parse(JSON.stringify(page.cursor))
    }
  } catch (thrown) {
    polled.error = thrown
  }
  polled.records = polled.events.map((event) => event.record)
  return polled
}

/** A step's progress as the engine keeps it: lives on after the attempt that saved it. */
export class MemoryProgress implements Progress {
  saved: Json | undefined
  /** Called after each save; may throw, as a process that dies there. */
  onSave: (value: Json) => void = () => undefined

  async save(value: Json): Promise<void> {
    this.saved = JSON.parse(JSON.stringify(value))
    this.onSave(value)
  }
}

export function runAppend(client: FilesClient, input: AppendInput, context: Partial<ActionContext<FilesClient, AppendInput>> = {}) {
  return append.run({
    client,
    input,
    key: 'job/append_1',
    jobCreatedAt: new Date(0),
    again: false,
    progress: new MemoryProgress(),
    signal: new AbortController().signal,
    ...context,
  })
}
