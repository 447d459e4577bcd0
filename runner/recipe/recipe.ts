import type { Expression, Template } from '../expression/index.ts'

/** A recipe that has passed every check: expressions compiled, operations resolved. */
export interface Recipe {
  /** Its `id`, or its path below the root, `/`-separated: the identity of its state. */
  id: string
  name: string
  description?: string
  /** Absolute path of the file. */
  file: string
  /** Absolute path of the root: nearest parent with `runner.yaml`, else with `.git`, else the recipe's folder. */
  root: string
  /** sha256 over the recipe's text and those of the files it names. */
  hash: string
  /** The texts, by path below the root. */
  files: Record<string, string>
  /** By name; the recipe's main `connection` is named `main`. */
  connections: Record<string, ConnectionBlock>
  trigger: TriggerBlock
  concurrency: number
  /** Job timeout in milliseconds. */
  timeoutMs?: number
  retry: RetryPolicy
  steps: Step[]
}

export interface ConnectionBlock {
  connector: string
  /** The connection's own `name`, under which its tokens are kept. */
  name: string
  /** Absolute path of the file that the block stands in. */
  file: string
  /** Folder that relative file names start from: that of the file. */
  folder: string
  /** What the settings read of `secrets` and `env`. */
  references: Reference[]
  /** Settings with their expressions over `env` and `secrets`. */
  settings: Template
}

export interface Reference {
  of: 'secrets' | 'env'
  name: string
  /** Path of the setting in its block: `client_secret`, `scopes.0`. */
  field: string
}

export interface TriggerBlock {
  /** Full operation name. */
  type: string
  /** Name in `connections`; undefined when the connector's block was left out (a connector that needs no settings). */
  connection?: string
  with: Template
  if?: Expression
  /** Milliseconds between polls for `--watch` and `start`. */
  everyMs?: number
  schedule?: { cron: string; timezone: string }
  since: 'now' | 'beginning'
  /** Jobs of up to so many events. */
  batch?: number
}

export interface RetryPolicy {
  /** Tries in all. */
  attempts: number
  delayMs: number
  maxDelayMs: number
}

interface StepBase {
  /** As written; undefined without. */
  id?: string
  /** The step's id, or its key (for actions the operation's last part) and ordinal among the unnamed of its kind in the block: `create_record#1`, which no id can be. */
  address: string
  /** Hash of the step as written. */
  nodeHash: string
  /** Guard: skipped when false. */
  if?: Expression
  /** Line of the step in its file, 1-based. */
  line: number
}

export interface ActionStep extends StepBase {
  kind: 'action'
  /** Full operation name. */
  action: string
  connection?: string
  with: Template
  retry?: RetryPolicy
  /** Milliseconds for all attempts of the step. */
  timeoutMs?: number
  onError: 'fail' | 'continue'
}

export interface IfStep extends StepBase {
  kind: 'if'
  condition: Expression
  then: Step[]
  else: Step[]
}

export interface ForEachStep extends StepBase {
  kind: 'for_each'
  /** Yields the list. */
  list: Expression
  /** Name of the turn's value; default `item`. */
  as: string
  do: Step[]
}

export type Step = ActionStep | IfStep | ForEachStep
