import { quoted } from './database.ts'
import type { Collection, Table } from './schema.ts'

/**
 * The condition, in SQL, that a row is in a collection of another row.
 * @param member alias of the row that may be in it
 * @param table its table
 * @param owner SQL for the id of the row that the collection hangs on; the logical name of its table decides where a lookup may point at several
 */
export function isMember(collection: Collection, member: string, table: Table, owner: string, ownerTable: Table): string {
  const { lookup, through } = collection
  if (through) {
    const pairs = `select p.${quoted(through.other)} from ${quoted(through.intersect)} p where p.${quoted(through.own)} = ${owner}`
    return `${member}.${quoted(table.primaryId)} in (${pairs})`
  }
  const column = `${member}.${quoted(lookup.column)} = ${owner}`
  const polymorphic = table.columns.get(lookup.column)?.polymorphic
  return polymorphic ? `${column} and ${member}.${quoted(`${lookup.column} type`)} = '${ownerTable.logicalName}'` : column
}
