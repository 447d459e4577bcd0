import { randomBytes } from 'node:crypto'
import { badQuery } from '../error.ts'
import { Latest } from '../latest.ts'
import type { Organization } from '../organization/open.ts'

/** A file that comes in pieces, by the chunks of a PATCH or by blocks. */
export interface Upload {
  /** What becomes of the whole. @returns the id of what was stored */
  finish(content: Buffer, facts: { name?: string; mimeType?: string }): string
  name: string
  /** By offset, or by block id. */
  pieces: Map<number | string, Buffer>
  /** Set once the last chunk is there. */
  done?: true
}

/** A file that goes out in pieces. */
export interface Download {
  content: Buffer
}

/** Of each kind that go on at once; the oldest counts as given up. */
const mostTransfers = 100

const uploads = new WeakMap<Organization, Map<string, Upload>>()
const downloads = new WeakMap<Organization, Map<string, Download>>()

export function beginUpload(organization: Organization, upload: Omit<Upload, 'pieces'>): string {
  return remember(uploads, organization, { ...upload, pieces: new Map() })
}

export function beginDownload(organization: Organization, content: Buffer): string {
  return remember(downloads, organization, { content })
}

/** @throws WebApiError 400 for a token that was not given out */
export function uploadOf(organization: Organization, token: unknown): Upload {
  const found = uploads.get(organization)?.get(String(token))
  if (!found) throw unknownToken()
  return found
}

/** @throws WebApiError 400 for a token that was not given out */
export function downloadOf(organization: Organization, token: unknown): Download {
  const found = downloads.get(organization)?.get(String(token))
  if (!found) throw unknownToken()
  return found
}

export function endUpload(organization: Organization, token: string): void {
  uploads.get(organization)?.delete(token)
}

function remember<T>(store: WeakMap<Organization, Map<string, T>>, organization: Organization, value: T): string {
  const token = randomBytes(24).toString('base64url')
  if (!store.has(organization)) store.set(organization, new Latest(mostTransfers))
  store.get(organization)!.set(token, value)
  return token
}

function unknownToken(): Error {
  return badQuery('The token of the file transfer is not known. Begin the transfer again.')
}
