import type { Static, TSchema } from 'typebox'
import type { Json, JsonObject } from './json.ts'
import type { Progress, Snapshot, SnapshotChange } from './ports.ts'

interface Described {
  /** A few words, as a menu would show them. */
  title: string
  /** Markdown; shown in editors and on the reference page. */
  description: string
}

export interface OperationExample<Input> {
  name: string
  input: Input
  note?: string
}

/** One thing a trigger yields. */
export interface TriggerEvent {
  /** Identity: an id that was seen never leads to a second job. Created: row id; changed: row id and version; files: path, content hash, line. */
  id: string
  /** Becomes `trigger` in expressions: the row and only the row. */
  record: JsonObject
  change?: 'created' | 'updated' | 'deleted'
  /** Watched values as they were, where a snapshot knows them; becomes `event.before`. */
  before?: JsonObject | null
  /** Display texts of choices and lookups by column; becomes `event.labels`. */
  labels?: JsonObject
  /** ISO 8601, when it happened in the other system. */
  time?: string
  /** Events of one key run in order; normally the row that changed. */
  orderKey?: string
}

/** Committed in one transaction: the jobs of these events, the changes of the snapshot, the cursor that follows. */
export interface PollPage {
  events: TriggerEvent[]
  /** Where the next poll goes on; must be safe to use even if no later page is ever read. */
  cursor: Json
  snapshotChanges?: SnapshotChange[]
}

export interface PollContext<Client, Input> {
  client: Client
  input: Input
  /** What the last committed page left; null on a first poll. */
  cursor: Json
  snapshot: Snapshot
  /** Where a new cursor begins: `now` emits nothing for what is already there. */
  since: 'now' | 'beginning'
  /** The poll looks no further than this moment, so that a cycle ends. */
  until: Date
  signal: AbortSignal
}

export interface TriggerDeclaration<Client, Input extends TSchema> extends Described {
  input: Input
  /** Schema of `trigger` in expressions. */
  event: TSchema
  /** Default `now`. */
  since?: 'now' | 'beginning'
  examples: OperationExample<Static<Input>>[]
  poll(context: PollContext<Client, Static<Input>>): AsyncIterable<PollPage>
}

export interface ActionContext<Client, Input> {
  client: Client
  input: Input
  /** Idempotency key of this very step, the same in every attempt: `<job>/<step address>`. */
  key: string
  /** When the job was created; together with `key` it makes keys that sort by time. */
  jobCreatedAt: Date
  /** True when an earlier attempt may have had its effect already. */
  again: boolean
  progress: Progress
  signal: AbortSignal
}

/** `repeat`: may simply run again. `ask`: `run` is called with `again: true` and finds out first. `never`: ends as `outcome_unknown`. */
export type AfterUnknownEffect = 'repeat' | 'ask' | 'never'

export interface ActionDeclaration<Client, Input extends TSchema, Output extends TSchema> extends Described {
  input: Input
  output: Output
  effect: 'read' | 'write'
  afterUnknownEffect: AfterUnknownEffect
  examples: OperationExample<unknown>[]
  run(context: ActionContext<Client, Static<Input>>): Promise<Static<Output>>
}

export interface Trigger<Client, Input extends TSchema = TSchema> extends TriggerDeclaration<Client, Input> {
  readonly kind: 'trigger'
}

export interface Action<Client, Input extends TSchema = TSchema, Output extends TSchema = TSchema>
  extends ActionDeclaration<Client, Input, Output> {
  readonly kind: 'action'
}

/** What the engine sees of any operation, its client and input opaque. */
// biome-ignore lint/suspicious/noExplicitAny: the catalog holds operations of many clients; each was checked where it was declared
export type AnyTrigger = Trigger<any, any>
// biome-ignore lint/suspicious/noExplicitAny: see above
export type AnyAction = Action<any, any, any>
