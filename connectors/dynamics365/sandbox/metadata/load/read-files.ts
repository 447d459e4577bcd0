import { readFileSync } from 'node:fs'
import { ConnectorError } from '../../../../../runner/connector/index.ts'
import type { SeedPart } from '../../organization/seed.ts'
import { readMetadata } from './read-metadata.ts'

/**
 * The tables of files, see `readMetadata`.
 * @throws ConnectorError `sandbox_metadata_invalid`
 */
export function readMetadataFiles(files: readonly string[]): SeedPart[] {
  return files.map((file) => {
    try {
      return readMetadata(readText(file), file)
    } catch (cause) {
      throw new ConnectorError('rejected', 'sandbox_metadata_invalid', (cause as Error).message, { cause })
    }
  })
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Error(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause })
  }
}
