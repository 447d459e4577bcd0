import type { Stored, StoredRow } from '../organization/database.ts'
import type { Column } from '../organization/schema.ts'
import { pointed } from '../organization/values/units.ts'
import { toJson } from '../organization/values.ts'
import { annotator } from '../webapi/annotate.ts'
import type { Call } from '../webapi/call.ts'
import type { Aggregation, DatePart, Group, Measure } from './aggregation.ts'
import { totalDigits, totalScale } from './exact.ts'
import { measured } from './run.ts'

const formattedValue = 'OData.Community.Display.V1.FormattedValue'

/** Of node: a number that is written as it is. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** Totals as they are sent: no id, no etag, nothing where there is no value. */
export function totalsToWire(call: Call, aggregation: Aggregation, found: readonly StoredRow[]): Record<string, unknown>[] {
  const columns = [...aggregation.groups.map(groupColumn), ...aggregation.measures.map(measureColumn)]
  const annotate = annotator(call)
  return found.map((row: StoredRow) => {
    const sent: Record<string, unknown> = {}
    for (const { column, part, value } of columns) {
      const stored = row[column.name] ?? null
      if (stored === null) continue
      const { json, shown } = value(stored)
      annotate?.(sent, column, shown, row)
      const fiscal = fiscalText(part, Number(stored))
      if (fiscal !== undefined && call.prefer.annotates(formattedValue)) sent[`${column.name}@${formattedValue}`] = fiscal
      sent[column.name] = json
    }
    return sent
  })
}

interface Sent {
  /** The column under the name that it has in the answer; for totals of a type that their formatted value can be made of. */
  column: Column
  part?: DatePart
  /** As it is sent, and as it is stored in such a column. */
  value(found: NonNullable<Stored>): { json: unknown; shown: Stored }
}

function groupColumn({ name, column: { column }, part }: Group): Sent {
  if (part) return { ...number(column, name), part }
  return plain({ ...column, name, property: name })
}

function measureColumn(measure: Measure): Sent {
  const { name, kind, column: ref } = measure
  if (!ref || kind === 'count' || kind === 'countcolumn') return number(ref?.column, name)
  const column = { ...ref.column, name, property: name }
  const digits = totalDigits(column)
  if (digits === undefined) return plain(column)
  // A total may be wider than a column.
  const shownAs: Column = column.type === 'Decimal' ? { ...column, type: 'Double' } : column
  return {
    column: shownAs,
    value(found) {
      const units = measured(measure, column, found)
      const text = pointed(String(units), digits)
      return { json: rawJSON(text), shown: column.type === 'Money' ? units / BigInt(totalScale(column)) : Number(text) }
    },
  }
}

function plain(column: Column): Sent {
  return { column, value: (found) => ({ json: toJson(column, found), shown: found }) }
}

/** A whole number, whatever is counted. */
function number(column: Column | undefined, name: string): Sent {
  const metadataId = column?.metadataId ?? name
  return plain({ metadataId, name, property: name, type: 'Integer', isLookup: false, polymorphic: false, lookups: [] })
}

function fiscalText(part: DatePart | undefined, value: number): string | undefined {
  if (part === 'fiscal-year') return `FY${value}`
  return part === 'fiscal-period' ? `Quarter ${value % 10} FY${Math.floor(value / 10)}` : undefined
}
