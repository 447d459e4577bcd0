import { type Database, quoted } from './database.ts'
import type { Schema, Table } from './schema.ts'
import { sqlAround, sqlColumns, tableDefinition, typeColumn } from './tables.ts'

/** Brings the tables in SQLite from one schema to another. Values stay in columns that stay. */
export function migrate(database: Database, before: Schema, after: Schema): void {
  const untouched = new Set([...before.definitions.tables, ...before.definitions.manyToMany])
  const touched = after.definitions.tables.filter((table) => !untouched.has(table)).map(({ logicalName }) => logicalName)
  const paired = after.definitions.manyToMany.filter((one) => !untouched.has(one)).map(({ intersect }) => intersect)
  for (const table of before.tables.values()) if (!after.tables.has(table.logicalName)) drop(database, table)
  for (const name of [...touched, ...paired]) {
    const [old, table] = [before.tables.get(name), after.tables.get(name)!]
    if (!old) {
      database.exec(tableDefinition(table))
      continue
    }
    if (!isSameInSql(old, table)) alter(database, old, table)
    shorten(database, old, table)
  }
}

/** Nothing points at its rows any more (`release.ts`). */
function drop(database: Database, { logicalName }: Table): void {
  const name = quoted(logicalName)
  // Not with the table: only rows that are deleted take the full pictures along.
  database.exec(`delete from ${name}`)
  database.exec(`drop table ${name}`)
  database.run('delete from deleted where "table" = ?', logicalName)
}

function isSameInSql(one: Table, other: Table): boolean {
  const text = (table: Table) => JSON.stringify([[...sqlColumns(table)], sqlAround(table)])
  return text(one) === text(other)
}

/** Indexes and triggers are made anew around it, since SQLite refuses to drop a column that one of them names. */
function alter(database: Database, before: Table, after: Table): void {
  const table = quoted(after.logicalName)
  dropPictures(database, before, after)
  dropAround(database, after.logicalName)
  const [old, now] = [sqlColumns(before), sqlColumns(after)]
  for (const column of old.keys()) if (!now.has(column)) database.exec(`alter table ${table} drop column ${quoted(column)}`)
  for (const [column, definition] of now) {
    if (old.get(column) === definition) continue
    const name = quoted(column)
    const had = old.has(column)
    if (had) database.exec(`alter table ${table} rename column ${name} to ${quoted(`${column} before`)}`)
    database.exec(`alter table ${table} add column ${name} ${definition}`)
    // Rows that exist do not get the default.
    database.exec(`update ${table} set ${name} = ${had ? quoted(`${column} before`) : 'null'}`)
    if (had) database.exec(`alter table ${table} drop column ${quoted(`${column} before`)}`)
  }
  for (const { name, polymorphic } of after.columns.values()) {
    const lookup = before.columns.get(name)
    const [target] = lookup?.lookups ?? []
    if (polymorphic && !lookup?.polymorphic && target)
      database.run(`update ${table} set ${quoted(typeColumn({ name }))} = ? where ${quoted(name)} is not null`, target.target)
  }
  for (const sql of sqlAround(after)) database.exec(sql)
}

/** While the triggers are there that take the full ones along. */
function dropPictures(database: Database, { logicalName, columns }: Table, after: Table): void {
  for (const { type, name } of columns.values()) {
    const id = quoted(`${name}id`)
    if (type === 'Image' && !after.columns.has(name))
      database.exec(`update ${quoted(logicalName)} set ${id} = null where ${id} is not null`)
  }
}

/** Of a moment that becomes a day, the day stays. */
function shorten(database: Database, { columns }: Table, after: Table): void {
  for (const { name, dateOnly } of after.columns.values())
    if (dateOnly && columns.get(name)?.dateOnly !== true && columns.has(name))
      database.exec(`update ${quoted(after.logicalName)} set ${quoted(name)} = substr(${quoted(name)}, 1, 10)`)
}

function dropAround(database: Database, table: string): void {
  const made = database.all(
    "select type, name from sqlite_schema where tbl_name = ? and type in ('index', 'trigger') and sql is not null",
    table,
  )
  // The trigger that deletes a file's bytes belongs to no column.
  for (const { type, name } of made) if (name !== 'file_gone') database.exec(`drop ${type} ${quoted(String(name))}`)
}
