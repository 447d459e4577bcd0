import { ConnectorError } from '../../../../../runner/connector/index.ts'
import type { SeedPart } from '../../organization/seed.ts'
import { readTextFile } from '../../text-file.ts'
import { readMetadata } from './read-metadata.ts'

const code = 'sandbox_metadata_invalid'

/**
 * The tables of files, see `readMetadata`.
 * @throws ConnectorError `sandbox_metadata_invalid`
 */
export function readMetadataFiles(files: readonly string[]): SeedPart[] {
  return files.map((file) => {
    const text = readTextFile(file, code)
    try {
      return readMetadata(text, file)
    } catch (cause) {
      throw new ConnectorError('rejected', code, (cause as Error).message, { cause })
    }
  })
}
