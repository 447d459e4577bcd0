import type { Database } from './database.ts'

/** Where the bytes are, beside the rows; they go with the row of their file, or when nothing names them any more. */
export const contentTables = [
  'create table file_content (id text primary key not null, content blob not null)',
  'create trigger file_gone after delete on fileattachment begin delete from file_content where id = old.fileattachmentid; end',
].join(';\n')

export function writeContent(database: Database, id: string, content: Uint8Array): void {
  database.run('insert or replace into file_content values (?, ?)', id, content)
}

export function readContent(database: Database, id: string): Buffer | undefined {
  const row = database.get('select content from file_content where id = ?', id) as { content?: Uint8Array } | undefined
  return row?.content && Buffer.from(row.content.buffer, row.content.byteOffset, row.content.byteLength)
}
