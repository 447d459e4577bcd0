import type { StoredRow } from '../organization/database.ts'
import type { Column } from '../organization/schema.ts'
import { toJson } from '../organization/values.ts'
import { annotator } from '../webapi/annotate.ts'
import type { Call } from '../webapi/call.ts'
import type { Aggregation, DatePart, Group, Measure } from './aggregation.ts'
import { measured } from './run.ts'

const formattedValue = 'OData.Community.Display.V1.FormattedValue'
/** Digits behind the point of totals (facts sheet "`$apply`" and "Data types on the wire"). */
const moneyDigits = 9
const decimalDigits = 10

/** Of node: a number that is written as it is. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** Totals as they are sent: no id, no etag, nothing where there is no value. */
export function totalsToWire(call: Call, aggregation: Aggregation, found: readonly StoredRow[]): Record<string, unknown>[] {
  const columns = [...aggregation.groups.map(groupColumn), ...aggregation.measures.map(measureColumn)]
  const rows = found.map((row) => ({
    ...row,
    ...Object.fromEntries(aggregation.measures.map((measure) => [measure.name, measured(measure, row[measure.name] ?? null)])),
  }))
  const annotate = annotator(call.organization, call.prefer)
  return rows.map((row: StoredRow) => {
    const sent: Record<string, unknown> = {}
    for (const { column, part, json } of columns) {
      const value = row[column.name] ?? null
      if (value === null) continue
      annotate?.(sent, column, value, row)
      const fiscal = fiscalText(part, Number(value))
      if (fiscal !== undefined && call.prefer.annotates(formattedValue)) sent[`${column.name}@${formattedValue}`] = fiscal
      sent[column.name] = json(value)
    }
    return sent
  })
}

interface Sent {
  /** The column under the name that it has in the answer. */
  column: Column
  part?: DatePart
  json(value: StoredRow[string]): unknown
}

function groupColumn({ name, column: { column }, part }: Group): Sent {
  if (part) return { column: number(column, name), part, json: Number }
  const renamed = { ...column, name, property: name }
  return { column: renamed, json: (value) => toJson(renamed, value) }
}

function measureColumn({ name, kind, column: ref }: Measure): Sent {
  if (!ref || kind === 'count' || kind === 'countcolumn') return { column: number(ref?.column, name), json: Number }
  const column = { ...ref.column, name, property: name }
  switch (column.type) {
    case 'Money':
      return { column, json: (value) => rawJSON(`${toJsonText(column, value)}${'0'.repeat(moneyDigits - 4)}`) }
    case 'BigInt':
      return { column, json: (value) => rawJSON(String(value)) }
    case 'Decimal':
      return { column, json: (value) => rawJSON(Number(value).toFixed(decimalDigits)) }
    default:
      return { column, json: (value) => toJson(column, value) }
  }
}

function toJsonText(column: Column, value: StoredRow[string]): string {
  return JSON.stringify(toJson(column, value))
}

/** A whole number, whatever is counted. */
function number(column: Column | undefined, name: string): Column {
  return { metadataId: column?.metadataId ?? name, name, property: name, type: 'Integer', isLookup: false, polymorphic: false, lookups: [] }
}

function fiscalText(part: DatePart | undefined, value: number): string | undefined {
  if (part === 'fiscal-year') return `FY${value}`
  return part === 'fiscal-period' ? `Quarter ${value % 10} FY${Math.floor(value / 10)}` : undefined
}
