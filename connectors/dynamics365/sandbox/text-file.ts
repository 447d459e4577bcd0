import { readFileSync } from 'node:fs'
import { ConnectorError } from '../../../runner/connector/index.ts'

/**
 * The text of a file, without a byte order mark.
 * @param code of the error
 * @throws ConnectorError when it cannot be read or is not UTF-8
 */
export function readTextFile(file: string, code: string): string {
  const bytes = reading(file, code, () => readFileSync(file))
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new ConnectorError('rejected', code, `${file} is not UTF-8. Save the file as UTF-8.`, { cause })
  }
}

/** What a call of the file system gives. @throws ConnectorError */
export function reading<T>(path: string, code: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const message = `${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`
    throw new ConnectorError('rejected', code, message, { cause })
  }
}
