import { createHash } from 'node:crypto'

/**
 * The primary key of a row that is created: the same in every attempt, so that a repeated create meets its own row.
 *
 * 10 bytes are a hash of key and position. The last 6 bytes are the job's creation time in milliseconds: SQL Server's `uniqueidentifier` order compares
 * them first, so the server's index stays sequential.
 * @param key idempotency key of the step
 * @param position of the row among those that the step creates
 */
export function chosenId(key: string, position: number, jobCreatedAt: Date): string {
  const bytes = Buffer.alloc(16)
  createHash('sha256').update(`${key}\n${position}`).digest().copy(bytes, 0, 0, 10)
  bytes.writeUIntBE(jobCreatedAt.getTime(), 10, 6)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
