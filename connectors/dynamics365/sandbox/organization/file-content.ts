import { type Database, quoted } from './database.ts'
import type { Table } from './schema.ts'

/** Where the bytes are, beside the rows; they go with the row of their file, or when nothing names them any more. */
export const contentTables = [
  'create table file_content (id text primary key not null, content blob not null)',
  'create trigger file_gone after delete on fileattachment begin delete from file_content where id = old.fileattachmentid; end',
].join(';\n')

/** A full picture goes with its row, or when another takes its place. */
export function imageTriggers({ logicalName, columns }: Table): string[] {
  return [...columns.values()]
    .filter(({ type, name }) => type === 'Image' && columns.has(`${name}id`))
    .flatMap(({ name }) => {
      const [table, id] = [quoted(logicalName), quoted(`${name}id`)]
      const gone = `begin delete from file_content where id = old.${id}; end;`
      return [
        `create trigger ${quoted(`${logicalName} ${name} gone`)} after delete on ${table} when old.${id} is not null ${gone}`,
        `create trigger ${quoted(`${logicalName} ${name} replaced`)} after update of ${id} on ${table} when old.${id} is not new.${id} ${gone}`,
      ]
    })
}

export function writeContent(database: Database, id: string, content: Uint8Array): void {
  database.run('insert or replace into file_content values (?, ?)', id, content)
}

export function readContent(database: Database, id: string): Buffer | undefined {
  const row = database.get('select content from file_content where id = ?', id) as { content?: Uint8Array } | undefined
  return row?.content && Buffer.from(row.content.buffer, row.content.byteOffset, row.content.byteLength)
}
