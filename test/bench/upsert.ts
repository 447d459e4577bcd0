/**
 * 100,000 rows of a CSV file through `upsert_records`, against 10,000: rows a second, and the peak memory of the runner, which must not grow with the rows.
 * Beside them what the sandbox had to do for it, of the same time: as long as its event loop waits for most of it, it is the runner that is measured.
 * `node test/bench/upsert.ts [rows …]`
 */
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cli } from '../support/cli.ts'
import { appConnection } from '../support/recipes.ts'
import { sandboxProcess } from '../support/sandbox.ts'
import { measured, usage } from './support/child.ts'

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

const results: { rows: number; seconds: number; peakMb: number; [figure: string]: number }[] = []
for (const rows of sizes.length > 0 ? sizes : [10_000, 100_000]) {
  const cwd = mkdtempSync(join(tmpdir(), 'runner-bench-'))
  const sandbox = await sandboxProcess(cwd, [], { node: measured, channel: true })
  try {
    for (const [name, text] of Object.entries({ 'runner.yaml': '', 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe }))
      writeFileSync(join(cwd, name), text)
    const file = createWriteStream(join(cwd, 'rows.csv'))
    file.write('number,name,city\n')
    for (let row = 0; row < rows; row++)
      if (!file.write(`B${row},"Account number ${row}, Ltd",City ${row % 100}\n`)) await once(file, 'drain')
    file.end()
    await once(file, 'finish')
    const before = await usage(sandbox.process)
    const started = performance.now()
    const used = join(cwd, 'used')
    const { code, stdout, stderr } = await cli(['run', 'recipe.yaml', '--json'], {
      cwd,
      env: { ...sandbox.env, USAGE_FILE: used },
      node: ['--import', join(import.meta.dirname, 'support/at-end.ts')],
    })
    if (code !== 0) throw new Error(stdout + stderr)
    const seconds = (performance.now() - started) / 1000
    const after = await usage(sandbox.process)
    const runner = JSON.parse(readFileSync(used, 'utf8')) as { cpuMs: number; peakMb: number }
    results.push({
      rows,
      seconds: Number(seconds.toFixed(1)),
      perSecond: Math.round(rows / seconds),
      peakMb: Math.round(runner.peakMb),
      'runner: CPU µs a row': Math.round((runner.cpuMs * 1_000) / rows),
      'sandbox: CPU µs a row': Math.round(((after.cpuMs - before.cpuMs) * 1_000) / rows),
      'sandbox: busy %': Math.round((after.busyMs - before.busyMs) / seconds / 10),
    })
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
