import type { FileHandle } from 'node:fs/promises'
import { ConnectorError } from '../../../runner/connector/index.ts'

/** One row as it stands in the file, without its line ending. */
export interface RawRow {
  bytes: Buffer
  /** Its first line, 1-based. */
  line: number
  /** Offset of its first byte, and of the first byte after its line ending. */
  start: number
  end: number
  /** The line after it. */
  nextLine: number
  /** False for a last row without line ending. */
  ended: boolean
}

/** Where a row begins. */
export interface Position {
  offset: number
  line: number
}

export const beginning: Position = { offset: 0, line: 1 }

const chunkBytes = 256 * 1024
/** A forgotten closing quote would otherwise read the rest of the file as one cell. */
const mostRowBytes = 8 * 1024 * 1024
const newline = 0x0a
const carriageReturn = 0x0d
const quote = 0x22

/**
 * The rows between a position and `size`, a chunk's worth at a time, in bounded memory. Empty lines and a byte order mark are passed over.
 * @param quoted whether a line ending between double quotes belongs to the row (CSV)
 * @throws ConnectorError `row_too_large`
 */
export async function* splitRows(handle: FileHandle, from: Position, size: number, quoted: boolean): AsyncGenerator<RawRow[]> {
  let { offset, line } = from
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks(handle, offset, size)) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const rows: RawRow[] = []
    let at = 0
    for (let end = rowEnd(data, at, quoted); end !== -1; end = rowEnd(data, at, quoted)) {
      const row = rawRow(data.subarray(at, end), offset, line, offset + end + 1 - at, true)
      if (row.bytes.length > 0) rows.push(row)
      offset = row.end
      line = row.nextLine
      at = end + 1
    }
    rest = data.subarray(at)
    if (rest.length > mostRowBytes) throw tooLarge(line)
    if (rows.length > 0) yield rows
  }
  if (rest.length > 0) {
    const row = rawRow(rest, offset, line, offset + rest.length, false)
    if (row.bytes.length > 0) yield [row]
  }
}

async function* chunks(handle: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(chunkBytes, to - at)), 0, null, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

/** Index of the line ending that ends the row, or -1. A doubled quote inside a cell opens and closes, so counting them is enough. */
function rowEnd(data: Buffer, from: number, quoted: boolean): number {
  let open = false
  let counted = from
  for (let end = data.indexOf(newline, from); end !== -1; end = data.indexOf(newline, end + 1)) {
    if (!quoted) return end
    for (let at = data.indexOf(quote, counted); at !== -1 && at < end; at = data.indexOf(quote, at + 1)) open = !open
    if (!open) return end
    counted = end
  }
  return -1
}

function rawRow(content: Buffer, start: number, line: number, end: number, ended: boolean): RawRow {
  let bytes = content
  if (start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3)
  if (ended && bytes.at(-1) === carriageReturn) bytes = bytes.subarray(0, -1)
  let nextLine = line + 1
  for (let at = content.indexOf(newline); at !== -1; at = content.indexOf(newline, at + 1)) nextLine++
  return { bytes, line, start, end, nextLine, ended }
}

function tooLarge(line: number): ConnectorError {
  return new ConnectorError(
    'rejected',
    'row_too_large',
    `The row that begins in line ${line} is longer than ${mostRowBytes / 1024 / 1024} MB. Look for a quote that is not closed, or for a file that is not made of lines.`,
    { details: { line } },
  )
}
