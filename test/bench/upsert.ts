/**
 * 100,000 rows of a CSV file through `upsert_records`, against 10,000: rows a second, and the peak memory of the runner, which must not grow with the rows.
 * `node test/bench/upsert.ts [rows …]`
 */

import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cli } from '../support/cli.ts'
import { appConnection } from '../support/recipes.ts'
import { sandboxProcess } from '../support/sandbox.ts'

const sizes = process.argv.slice(2).map(Number)
const recipe = `name: Bench
connection: ./crm.connection.yaml
concurrency: 4
trigger: { type: files.rows, with: { path: rows.csv }, batch: 500 }
steps:
  - action: dynamics365.upsert_records
    with:
      table: account
      key: [accountnumber]
      rows: \${{ batch.records }}
      as: row
      values: { accountnumber: "\${{ row.number }}", name: "\${{ row.name }}", address1_city: "\${{ row.city }}" }
`

const results: { rows: number; seconds: number; perSecond: number; peakMb: number }[] = []
for (const rows of sizes.length > 0 ? sizes : [10_000, 100_000]) {
  const cwd = mkdtempSync(join(tmpdir(), 'runner-bench-'))
  const sandbox = await sandboxProcess(cwd)
  try {
    for (const [name, text] of Object.entries({ 'runner.yaml': '', 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe }))
      writeFileSync(join(cwd, name), text)
    const file = createWriteStream(join(cwd, 'rows.csv'))
    file.write('number,name,city\n')
    for (let row = 0; row < rows; row++)
      if (!file.write(`B${row},"Account number ${row}, Ltd",City ${row % 100}\n`)) await once(file, 'drain')
    file.end()
    await once(file, 'finish')
    const started = performance.now()
    const peak = join(cwd, 'peak')
    const { code, stdout, stderr } = await cli(['run', 'recipe.yaml', '--json'], {
      cwd,
      env: { ...sandbox.env, PEAK_FILE: peak },
      node: ['--import', join(import.meta.dirname, 'peak-memory.ts')],
    })
    if (code !== 0) throw new Error(stdout + stderr)
    const seconds = (performance.now() - started) / 1000
    results.push({ rows, seconds, perSecond: Math.round(rows / seconds), peakMb: Math.round(Number(readFileSync(peak, 'utf8')) / 1024) })
  } finally {
    await sandbox.close()
    rmSync(cwd, { recursive: true, force: true })
  }
}
console.table(results)
const [first, last] = [results[0], results.at(-1)]
if (first && last && first !== last)
  console.log(
    `${last.rows / first.rows} times the rows: ${(last.peakMb / first.peakMb).toFixed(2)} times the memory, ${(last.seconds / first.seconds).toFixed(2)} times the time`,
  )
