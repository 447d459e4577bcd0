import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder of the test's own. In a whole run it stays until the end, so that everything the tests produced can be searched for secrets; alone, a test file
 * cleans up behind itself.
 */
export function tempFolder(): string {
  own ??= process.env.TEST_ROOT ?? ownRoot()
  mkdirSync(own, { recursive: true })
  return mkdtempSync(join(own, 't-'))
}

let own: string | undefined

function ownRoot(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-test-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
