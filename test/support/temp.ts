import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder of the test's own. In a whole run it stays until the end, so that everything the tests produced can be searched for secrets; alone, a test file
 * cleans up behind itself.
 */
export function tempFolder(): string {
  const base = process.env.TEST_ROOT
  if (base !== undefined) {
    mkdirSync(base, { recursive: true })
    return mkdtempSync(join(base, 't-'))
  }
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
