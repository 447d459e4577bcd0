import type { Stored, StoredRow } from '../organization/database.ts'
import type { WriteEvent } from '../organization/events.ts'
import type { Column } from '../organization/schema.ts'
import { stages } from '../organization/step-rules.ts'
import { typeColumn } from '../organization/tables.ts'
import { entity, type Pair } from './entity.ts'
import type { Step } from './steps.ts'

/** The image that every asynchronous step gets: the name and the key of the row, as its job shows it. */
const primaryName = 'AsynchronousStepPrimaryName'

/** The row before and after the operation as far as the step asks for it, by aliases; afterwards there is something at the last stage only. */
export function imagesOf(step: Step, event: WriteEvent): { before: Pair[]; after: Pair[] } {
  const after = step.stage === stages.postOperation ? event.after : undefined
  const named = (kind: 'before' | 'after', row: StoredRow | undefined) =>
    row ? step.images.filter((image) => image[kind]).map(({ alias, columns }) => imageOf(event, row, alias, columns)) : []
  return {
    before: [...named('before', event.before), ...(step.synchronous || event.after ? [] : nameOf(event, event.before))],
    after: [...named('after', after), ...(step.synchronous ? [] : nameOf(event, after))],
  }
}

function nameOf(event: WriteEvent, row: StoredRow | undefined): Pair[] {
  const { primaryName: name, primaryId } = event.table
  return row ? [imageOf(event, row, primaryName, [name, primaryId])] : []
}

/** @param wanted names of columns; all where there are none */
function imageOf({ table, id }: WriteEvent, row: StoredRow, key: string, wanted: readonly string[]): Pair {
  const names = wanted.length === 0 ? [...table.columns.keys()] : [...new Set([...wanted, table.primaryId])]
  // What is empty is left out.
  const values = names.flatMap((name): [string, Stored][] => {
    const column = table.columns.get(name)
    return column && row[name] != null ? [[name, row[name]], ...typeOf(column, row)] : []
  })
  return { key, value: entity(table, id, new Map(values)) }
}

/** The table that a lookup points at is stored beside it. */
function typeOf(column: Column, row: StoredRow): [string, Stored][] {
  return column.polymorphic ? [[typeColumn(column), row[typeColumn(column)] ?? null]] : []
}
