import { randomUUID } from 'node:crypto'
import { WebApiError } from '../error.ts'
import type { Values } from './body.ts'
import { readContent, writeContent } from './file-content.ts'
import type { Organization } from './open.ts'
import type { Column, Table } from './schema.ts'

/** How the formats that may be stored begin (facts sheet "Image columns"). */
const formats: [extension: string, type: string, ...starts: number[][]][] = [
  ['png', 'image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['jpg', 'image/jpeg', [0xff, 0xd8, 0xff]],
  ['gif', 'image/gif', [0x47, 0x49, 0x46, 0x38]],
  ['bmp', 'image/bmp', [0x42, 0x4d]],
  ['tiff', 'image/tiff', [0x49, 0x49, 0x2a, 0x00], [0x4d, 0x4d, 0x00, 0x2a]],
]

/** A file, or a picture, with its bytes. */
export interface StoredFile {
  id: string
  name: string
  mimeType: string
  content: Buffer
}

/** @throws WebApiError 0x80044a02 */
export function checkSize({ maxSizeInKB }: Column, bytes: number): void {
  if (maxSizeInKB !== undefined && bytes > maxSizeInKB * 1024) throw tooBig()
}

export function tooBig(): WebApiError {
  return new WebApiError(400, '0x80044a02', 'Attachment file size is too big.')
}

/**
 * A picture as it stands in a body.
 * @throws WebApiError 0x80072553
 */
export function decodeImage(text: unknown): Buffer | undefined {
  if (text === null) return undefined
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/\s]*=*\s*$/.test(text)) throw unreadable()
  return Buffer.from(text, 'base64')
}

/** A new row may bring the picture that stands for it, and no other (facts sheet "Image columns"). @throws WebApiError 0x80090487 */
export function refuseOtherImages(table: Table, values: Values): void {
  for (const column of table.columns.values())
    if (column.type === 'Image' && column.name !== (table.primaryImage ?? 'entityimage') && values.get(column.name) != null)
      throw new WebApiError(400, '0x80090487', 'Only the primary image can be uploaded when a row is created.')
}

/**
 * Checks a picture and sets the column with what it brings along. The sandbox does not shrink pictures: the thumbnail is the picture itself.
 * @param content undefined clears the column
 * @throws WebApiError 0x80072553 for what is no picture, 0x80044a02
 */
export function setImage(organization: Organization, table: Table, values: Values, column: Column, content: Buffer | undefined): void {
  const { name } = column
  if (!content) {
    for (const each of [name, `${name}id`, `${name}_timestamp`, `${name}_url`]) if (table.columns.has(each)) values.set(each, null)
    return
  }
  formatOf(content)
  checkSize(column, content.length)
  const id = randomUUID()
  const stamp = organization.clock().getTime()
  values.set(name, content.toString('base64'))
  values.set(`${name}id`, id)
  values.set(`${name}_timestamp`, stamp)
  values.set(`${name}_url`, `/Image/download.aspx?Entity=${table.logicalName}&Attribute=${name}&Id=${id}&Timestamp=${stamp}`)
  if (column.canStoreFullImage) writeContent(organization.database, id, content)
}

/** The full picture where the column keeps one, or else the thumbnail. */
export function loadImage(
  organization: Organization,
  stored: { image: unknown; id: unknown },
  { full, column }: { full: boolean; column: Column },
): StoredFile | undefined {
  if (stored.image == null) return undefined
  const id = String(stored.id)
  const content = full ? readContent(organization.database, id) : Buffer.from(String(stored.image), 'base64')
  if (!content) return undefined
  const [extension, mimeType] = formatOf(content)
  return { id, name: `${column.name}.${extension}`, mimeType, content }
}

function formatOf(content: Buffer): [extension: string, type: string] {
  for (const [extension, type, ...starts] of formats)
    if (starts.some((start) => start.every((byte, at) => content[at] === byte))) return [extension, type]
  throw unreadable()
}

function unreadable(): WebApiError {
  return new WebApiError(400, '0x80072553', 'The image could not be processed. It must be one of gif, jpg, tiff, bmp and png, in Base64.')
}
