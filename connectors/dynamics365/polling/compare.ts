import type { Json, JsonObject, Snapshot, SnapshotChange, SnapshotRow, TriggerEvent } from '../../../runner/connector/index.ts'
import type { Table } from '../metadata/table.ts'
import { fromWire } from '../values/read.ts'
import { sameValue } from '../values/same.ts'
import type { WireRow } from '../webapi/client.ts'

export type Change = 'created' | 'updated' | 'deleted'

/** What a trigger looks at. */
export interface Watch {
  table: Table
  /** Read and kept; undefined for all. */
  columns: readonly string[] | undefined
  /** An update counts only when one of these differs; undefined takes `columns`, and without those any update counts. */
  whenChanged: readonly string[] | undefined
  changes: ReadonlySet<Change>
}

/** What is kept of a row. The generation is that of the last full reading that met it: rows of an older one are gone. */
interface Kept {
  generation: number
  record: JsonObject
}

export interface Compared {
  events: TriggerEvent[]
  snapshotChanges: SnapshotChange[]
}

export interface CompareOptions {
  snapshot: Snapshot
  generation: number
  /** Only remember, yield nothing. */
  silent: boolean
  /** Whether a row that the snapshot does not know is new; without it every such row is. */
  isNew?(row: WireRow): boolean
}

/** Compares rows as they are with the snapshot: a row not in it is created, one of another version updated. */
export async function compareRows(watch: Watch, rows: readonly WireRow[], options: CompareOptions): Promise<Compared> {
  const { table } = watch
  const { snapshot, generation, silent, isNew } = options
  const known = await snapshot.get(rows.map((row) => String(row[table.primaryId])))
  const events: TriggerEvent[] = []
  const snapshotChanges: SnapshotChange[] = []
  for (const wire of rows) {
    const { id, version, record, labels } = fromWire(table, wire, watch.columns)
    const previous = known.get(id)
    const before = previous && kept(previous)
    if (previous?.version === version && before?.generation === generation) continue
    snapshotChanges.push({ id, row: { version, values: { generation, record } } })
    if (silent || previous?.version === version) continue
    const change = before || isNew?.(wire) === false ? 'updated' : 'created'
    if (!watch.changes.has(change) || (before && !counts(watch, before.record, record))) continue
    const name = `${table.logicalName}/${id}`
    const time = wire.modifiedon
    events.push({
      id: change === 'created' ? name : `${name}/${version}`,
      change,
      record,
      labels,
      before: before?.record ?? null,
      orderKey: name,
      ...(typeof time === 'string' && { time }),
    })
  }
  return { events, snapshotChanges }
}

function counts({ whenChanged, columns }: Watch, before: JsonObject, after: JsonObject): boolean {
  const watched = whenChanged ?? columns
  return watched === undefined || watched.some((name) => !sameValue(before[name] ?? null, after[name] ?? null))
}

function kept(row: SnapshotRow): Kept {
  return row.values as unknown as Kept
}

/** Rows that are gone. One that the snapshot does not know was created and deleted between two polls: nobody has heard of it. */
export async function compareDeleted(
  watch: Watch,
  ids: readonly string[],
  options: Pick<CompareOptions, 'snapshot' | 'silent'>,
): Promise<Compared> {
  const known = await options.snapshot.get(ids)
  const wanted = watch.changes.has('deleted') && !options.silent
  return {
    events: wanted ? [...known].map(([id, row]) => deletedEvent(watch.table, id, row)) : [],
    snapshotChanges: [...known.keys()].map((id) => ({ id, row: null })),
  }
}

function deletedEvent(table: Table, id: string, row: SnapshotRow): TriggerEvent {
  const { record } = kept(row)
  const name = `${table.logicalName}/${id}`
  return { id: `${name}/deleted/${row.version}`, change: 'deleted', record, before: record, orderKey: name }
}

/** After a full reading: rows of the snapshot that it did not meet. */
export async function* compareUnmet(watch: Watch, options: Omit<CompareOptions, 'isNew'>): AsyncIterable<Compared> {
  for await (const ids of options.snapshot.ids()) {
    const rows = await options.snapshot.get(ids)
    const unmet = ids.filter((id) => {
      const row = rows.get(id)
      return row && kept(row).generation !== options.generation
    })
    if (unmet.length > 0) yield compareDeleted(watch, unmet, options)
  }
}

export function asCursor(cursor: object): Json {
  return cursor as Json
}
