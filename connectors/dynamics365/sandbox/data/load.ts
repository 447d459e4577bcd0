import { readdirSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { WebApiError } from '../error.ts'
import { fromBody, type JsonObject } from '../organization/body.ts'
import { insertBody } from '../organization/deep-insert.ts'
import type { Organization } from '../organization/open.ts'
import type { Table } from '../organization/schema.ts'
import { updateRow } from '../organization/update.ts'
import { write } from '../organization/write.ts'
import { reading, readTextFile } from '../text-file.ts'
import { bindIds, withoutMissing } from './lookups.ts'
import { readCsv } from './read-csv.ts'
import { readJson, readJsonLines } from './read-json.ts'
import { type DataRow, dataCode, unusable } from './row.ts'

const readers: Record<string, (text: string, file: string, table: Table) => DataRow[]> = {
  '.csv': readCsv,
  '.json': readJson,
  '.jsonl': readJsonLines,
}

/** Lookups of a row, to be set when all rows are there. */
interface Pending {
  table: Table
  /** Identity of the row. */
  id: string
  lookups: JsonObject
  place: string
}

const exact = { numbersAsText: true }

/**
 * Creates the rows of files, all or none, as create requests would; of a folder its files by name. A file is named after the entity set or
 * table of its rows. Lookups may lead to rows that come later.
 * @returns how many
 * @throws ConnectorError `sandbox_data_invalid`, with file and line
 */
export function loadData(organization: Organization, paths: readonly string[]): number {
  return write(organization, () => {
    const pending: Pending[] = []
    const rows = paths.flatMap(files).reduce((sum, file) => sum + loadFile(organization, file, pending), 0)
    for (const { table, id, lookups, place } of pending)
      placed(place, () => updateRow(organization, table, id, fromBody(organization, table, lookups), server(organization)))
    return rows
  })
}

function files(path: string): string[] {
  const names = reading(path, dataCode, () => (statSync(path).isDirectory() ? readdirSync(path) : undefined))
  if (!names) return [path]
  const ours = names.filter((name) => extname(name).toLowerCase() in readers)
  if (ours.length === 0) throw unusable(path, `The folder holds no files that end with ${Object.keys(readers).join(', ')}.`)
  return ours.sort().map((name) => join(path, name))
}

function loadFile(organization: Organization, file: string, pending: Pending[]): number {
  const end = extname(file)
  const read = readers[end.toLowerCase()]
  if (!read) throw unusable(file, `Rows are read from files that end with ${Object.keys(readers).join(', ')}.`)
  const table = tableNamed(organization, file, basename(file, end))
  const rows = read(readTextFile(file, dataCode), file, table)
  for (const { body, place } of rows)
    placed(place, () => {
      const { now, later } = withoutMissing(organization, table, bindIds(organization, table, body))
      const id = insertBody(organization, table, now, server(organization), exact)
      if (Object.keys(later).length > 0) pending.push({ table, id, lookups: later, place })
    })
  return rows.length
}

function server({ schema }: Organization) {
  return { userId: schema.ids.userId, server: true } as const
}

function tableNamed({ schema }: Organization, file: string, name: string): Table {
  const table = schema.tables.get(name) ?? schema.entitySets.get(name)
  if (!table) throw unusable(file, `There is no table \`${name}\`. A file is named after the entity set or table of its rows.`)
  return table
}

/** What the Web API would answer, with the place of the row. */
function placed(place: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw error instanceof WebApiError ? unusable(place, error.message, error) : error
  }
}
