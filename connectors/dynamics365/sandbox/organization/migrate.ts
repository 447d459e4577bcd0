import { type Database, quoted } from './database.ts'
import { imageTriggers } from './file-content.ts'
import type { Column, Schema, Table } from './schema.ts'
import { sqlColumns, sqlIndexes, tableDefinition, typeColumn } from './tables.ts'

/** Brings the tables in SQLite from one schema to another. Values stay in columns that stay. */
export function migrate(database: Database, before: Schema, after: Schema): void {
  const untouched = new Set([...before.definitions.tables, ...before.definitions.manyToMany])
  const touched = after.definitions.tables.filter((table) => !untouched.has(table)).map(({ logicalName }) => logicalName)
  const paired = after.definitions.manyToMany.filter((one) => !untouched.has(one)).map(({ intersect }) => intersect)
  for (const table of before.tables.values()) if (!after.tables.has(table.logicalName)) drop(database, before, table)
  for (const name of [...touched, ...paired]) {
    const [old, table] = [before.tables.get(name), after.tables.get(name)!]
    if (!old) {
      database.exec(tableDefinition(table))
      for (const trigger of imageTriggers(table)) database.exec(trigger)
    } else if (!isSameInSql(old, table)) alter(database, old, table)
  }
}

/** With what hangs on its rows. */
function drop(database: Database, schema: Schema, table: Table): void {
  const name = quoted(table.logicalName)
  for (const { table: child, lookup } of table.collections.values()) if (lookup) release(database, schema, table, child, lookup)
  // Not with the table: only rows that are deleted take the full pictures along.
  database.exec(`delete from ${name}`)
  database.exec(`drop table ${name}`)
  database.run('delete from deleted where "table" = ?', table.logicalName)
}

function release(
  database: Database,
  schema: Schema,
  table: Table,
  childName: string,
  { column: columnName, deletedWithParent }: { column: string; deletedWithParent?: true },
): void {
  const child = schema.tables.get(childName)!
  const column = child.columns.get(columnName)!
  const ids = `select ${quoted(table.primaryId)} from ${quoted(table.logicalName)}`
  const points = `${quoted(columnName)} in (${ids})${column.polymorphic ? ` and ${quoted(typeColumn(column))} = '${table.logicalName}'` : ''}`
  if (deletedWithParent) database.exec(`delete from ${quoted(childName)} where ${points}`)
  else {
    const empty = sqlNames(column).map((name) => `${quoted(name)} = null`)
    database.exec(`update ${quoted(childName)} set ${empty.join(', ')} where ${points}`)
  }
}

function sqlNames(column: Column): string[] {
  return [column.name, ...(column.polymorphic ? [typeColumn(column)] : [])]
}

function isSameInSql(one: Table, other: Table): boolean {
  const text = (table: Table) => JSON.stringify([[...sqlColumns(table)], sqlIndexes(table), imageTriggers(table)])
  return text(one) === text(other)
}

/** Indexes and triggers are made anew around it, since SQLite refuses to drop a column that one of them names. */
function alter(database: Database, before: Table, after: Table): void {
  const table = quoted(after.logicalName)
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
  for (const sql of [...sqlIndexes(after), ...imageTriggers(after)]) database.exec(sql)
}

function dropAround(database: Database, table: string): void {
  const made = database.all(
    "select type, name from sqlite_schema where tbl_name = ? and type in ('index', 'trigger') and sql is not null",
    table,
  )
  // The trigger that deletes a file's bytes belongs to no column.
  for (const { type, name } of made) if (name !== 'file_gone') database.exec(`drop ${type} ${quoted(String(name))}`)
}
