/**
 * Writes everything that follows from the declarations of connectors and of the recipe language: `npm run generate`.
 * With `--check` it writes nothing, lists the stale files and exits 1 where there are any.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedFiles } from './generated-files.ts'

const root = join(import.meta.dirname, '..')
const check = process.argv.includes('--check')

const { files, failures } = await generatedFiles(join(root, 'connectors'))
const stale = [...files].filter(([path, text]) => textOf(path) !== text)

if (!check) {
  for (const [path, text] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}
for (const [path] of stale) console.log(check ? `stale: ${path}` : `wrote ${path}`)
for (const failure of failures) console.error(`left out: ${failure}`)
if (check && stale.length > 0) console.error('Run `npm run generate` and commit what it writes.')
if (failures.length > 0 || (check && stale.length > 0)) process.exitCode = 1

function textOf(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}
