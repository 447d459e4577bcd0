import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of the test's own, gone when the process ends. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
