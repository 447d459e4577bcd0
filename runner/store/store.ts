/**
 * What must survive: cursors, snapshots, runs, jobs, steps, tokens, locks. One interface; `sqlite/` implements it.
 *
 * Times are `Date`; payloads (`Json`-like, `unknown` here because this room imports nothing of ours) are stored exact and encrypted and come back as they went in.
 * Every method that writes resolves only when the write is durable.
 */
export interface Store {
  readonly tokens: TokenRows
  /** Held until released or until the process is gone (the kernel frees it); undefined when another process holds it. */
  lock(name: string): Promise<Lock | undefined>

  /** Keeps a recipe as it was when a job began with it; the hash is its identity. Idempotent. */
  saveRecipe(bundle: RecipeBundle): Promise<void>
  recipe(hash: string): Promise<RecipeBundle | undefined>

  startRun(run: NewRun): Promise<void>
  finishRun(id: string, end: RunEnd): Promise<void>
  /** Newest first. */
  runs(filter: { recipe?: RecipeRef; limit?: number }): Promise<RunRow[]>

  cursor(recipe: RecipeRef): Promise<CursorRow | undefined>
  /** `cursor: undefined` forgets cursor, snapshot and which events were seen: the next poll is a first one. */
  setCursor(recipe: RecipeRef, cursor: unknown): Promise<void>
  snapshotRows(recipe: RecipeRef, ids: readonly string[]): Promise<Map<string, SnapshotValue>>
  /** Ids in ascending order, at most `limit`, greater than `after`. */
  snapshotIds(recipe: RecipeRef, after: string, limit: number): Promise<string[]>

  /** Which of these event ids have led to a job before. */
  seen(recipe: RecipeRef, eventIds: readonly string[]): Promise<Set<string>>
  /** A page of events in one transaction: jobs, event identities, snapshot changes and the cursor that follows. All or nothing. */
  accept(page: AcceptedPage): Promise<void>
  /** Jobs that are not finished and could run in this cycle: ready, blocked, waiting, running. */
  unfinished(recipe: RecipeRef): Promise<number>

  /**
   * Takes up to `limit` ready jobs, oldest first, and makes them running under this process. Each comes with a new fence.
   * A job that has not begun begins with the recipe of `recipeHash`; one that has keeps its own.
   */
  claim(recipe: RecipeRef, limit: number, recipeHash: string): Promise<ClaimedJob[]>
  /** Running jobs whose process is gone become ready again. Returns how many. */
  takeOver(recipe: RecipeRef): Promise<number>
  /** Every stored step of a job, in the order they were first stored. */
  steps(jobId: string): Promise<StepRow[]>
  /** Stores steps (insert or replace by address) under the claim's fence. @throws FenceLost when the job is no longer ours */
  saveSteps(claim: Claim, rows: readonly StepRow[]): Promise<void>
  /**
   * Ends a claim: the last steps and the job's new state in one commit; a finished job readies the next of its order key.
   * @throws FenceLost when the job is no longer ours
   */
  finish(claim: Claim, rows: readonly StepRow[], end: JobEnd): Promise<void>
  /** `ready` jobs of the recipe that have not begun become `held` with the reason, or `held` ones become `ready` again. Returns how many. */
  hold(recipe: RecipeRef, reason: string): Promise<number>
  release(recipe: RecipeRef): Promise<number>

  /** Newest first. */
  jobs(filter: JobFilter): Promise<JobRow[]>
  job(id: string): Promise<JobRow | undefined>
  count(filter: JobFilter): Promise<number>
  /** Failed, partial or cancelled jobs become ready again; their finished steps stay. Returns the ids that were. */
  requeue(filter: JobFilter): Promise<string[]>

  close(): Promise<void>
}

export interface RecipeRef {
  /** The recipe's id, or its path below the root. */
  id: string
  /** `default`, or the name given by `--env`; `sandbox` where the sandbox stands in. */
  environment: string
}

export interface Lock {
  release(): Promise<void>
}

/** A recipe with everything it was made of, so that a started job goes on with it. */
export interface RecipeBundle {
  /** sha256 over path and texts, hex. */
  hash: string
  /** Path of the recipe file below the root, `/`-separated. */
  path: string
  /** The recipe and the files it names, by path below the root. */
  files: Record<string, string>
}

export interface NewRun {
  id: string
  recipe: RecipeRef
  startedAt: Date
  recipeHash: string
  /** Commit of the working tree, where there is one. */
  gitCommit?: string
  runnerVersion: string
}

export type Outcome = 'ok' | 'nothing' | 'locked' | 'trigger_error' | 'job_errors' | 'fault'

export interface RunEnd {
  endedAt: Date
  outcome: Outcome
  /** events, jobs succeeded, failed, … as the summary prints them. */
  counts: Record<string, number>
  error?: StoredError
}

export interface RunRow extends NewRun, Partial<RunEnd> {}

/** An error as it is kept and printed: masked, without stack unless it is a bug. */
export interface StoredError {
  kind: string
  code: string
  message: string
  status?: number
  details?: Record<string, unknown>
  stack?: string
}

export interface CursorRow {
  cursor: unknown
  updatedAt: Date
}

export interface SnapshotValue {
  version: string
  values: unknown
}

export interface NewJob {
  id: string
  /** Identities of the events that the job stands for: one, or those of a batch. */
  eventIds: string[]
  /** The event, or `{ records: […] }` of a batch, as the recipe's scope wants it. */
  payload: unknown
  /** Jobs of one key run one after the other. */
  orderKey?: string
  createdAt: Date
  /** A job that cannot even begin (its event is unusable) is born failed. */
  failed?: StoredError
}

export interface AcceptedPage {
  recipe: RecipeRef
  runId: string
  jobs: NewJob[]
  snapshotChanges: { id: string; row: SnapshotValue | null }[]
  /** Left out when only jobs are added (an earlier slice of a page, `--trigger-data`). */
  cursor?: { value: unknown; at: Date }
}

export interface Claim {
  jobId: string
  /** Rises with every claim; a write under an older fence is refused. */
  fence: number
}

export interface ClaimedJob extends Claim {
  payload: unknown
  createdAt: Date
  /** Claims so far, this one included. */
  attempt: number
  /** Hash of the recipe the job began with. */
  recipeHash: string
}

export interface StepRow {
  /** `import`, `each_row[3]/create_record#1`: the step's place, by ids and ordinals. */
  address: string
  /** Hash of the step as written; a stored result is reused only where it is equal. */
  nodeHash: string
  /** `started`: the input is stored and the effect may have happened. */
  state: 'started' | 'succeeded' | 'failed' | 'skipped'
  /** Idempotency key, stored before its first use. */
  key: string
  attempt: number
  input?: unknown
  output?: unknown
  /** What the action keeps between attempts. */
  progress?: unknown
  error?: StoredError
  startedAt: Date
  endedAt?: Date
}

export type JobState =
  | 'ready'
  | 'blocked'
  | 'held'
  | 'waiting'
  | 'running'
  | 'succeeded'
  | 'partial'
  | 'failed'
  | 'cancelled'
  | 'outcome_unknown'

export interface JobEnd {
  /** `ready` gives the job back uncounted (aborted). */
  state: 'succeeded' | 'partial' | 'failed' | 'cancelled' | 'outcome_unknown' | 'ready'
  at: Date
  error?: StoredError
  /** Address of the step that failed. */
  step?: string
}

export interface JobFilter {
  recipe?: RecipeRef
  ids?: string[]
  states?: JobState[]
  /** Error code. */
  code?: string
  limit?: number
}

export interface JobRow {
  id: string
  recipe: RecipeRef
  runId: string
  state: JobState
  payload: unknown
  orderKey?: string
  createdAt: Date
  endedAt?: Date
  attempt: number
  recipeHash?: string
  error?: StoredError
  step?: string
  reason?: string
}

/** Rows of sign-ins. `connection/` declares what is in them; here they are payloads with a fingerprint. */
export interface TokenRows {
  get(name: string): Promise<TokenRow | undefined>
  /**
   * Compare-and-swap: stores the row if `version` is still the stored one (0: there is none). Resolves with the new version, which no row of this name has had
   * before, not even one that was deleted; undefined when somebody else was faster.
   */
  put(name: string, row: Omit<TokenRow, 'version'>, version: number): Promise<number | undefined>
  delete(name: string): Promise<boolean>
  list(): Promise<({ name: string } & TokenRow)[]>
  /** Under this name others can see that our process lives. */
  readonly lifeSign: string
  /** Whether the process of a life sign is gone. */
  isGone(lifeSign: string): boolean
}

export interface TokenRow {
  /** Of authority, tenant, client id, resource: a row of another fingerprint belongs to another connection. */
  fingerprint: string
  /** Tokens and marks; encrypted at rest. */
  payload: unknown
  version: number
}

/** The job was taken over by somebody else; whatever we still do with it must stop. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost'
}

/** The store itself cannot be used: newer schema, wrong key, damaged file. `code` is stable. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: 'store_newer' | 'store_key_wrong' | 'store_key_exposed' | 'store_damaged' | 'store_unusable'
  constructor(code: StoreError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
