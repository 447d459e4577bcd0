/**
 * 100,000 rows of a CSV file through `upsert_records`, against 10,000: rows a second, and the peak memory of the runner, which must not grow with the rows.
 * Batches are answered with stored bytes, so that the runner is what is measured; the same with the sandbox stands beside it, with what either had to do.
 * `node test/bench/upsert.ts [rows …]`
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cli } from '../support/cli.ts'
import { appConnection } from '../support/recipes.ts'
import { sandboxProcess } from '../support/sandbox.ts'
import { measured, usage } from './support/child.ts'

const sizes = process.argv.slice(2).map(Number)
const connection = `${appConnection}resource: \${{ env.D365_RESOURCE }}\n`
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

interface Result {
  rows: number
  'answered by': 'stored bytes' | 'sandbox'
  seconds: number
  perSecond: number
  peakMb: number
  [figure: string]: number | string
}

async function measure(rows: number, answeredBy: Result['answered by']): Promise<Result> {
  const cwd = mkdtempSync(join(tmpdir(), 'runner-bench-'))
  const sandbox = await sandboxProcess(cwd, [], { node: measured, channel: true })
  const stub = fork(join(import.meta.dirname, 'support/batch-stub.ts'), [sandbox.url], { execArgv: measured })
  try {
    const [port] = (await once(stub, 'message')) as [number]
    for (const [name, text] of Object.entries({ 'runner.yaml': '', 'crm.connection.yaml': connection, 'recipe.yaml': recipe }))
      writeFileSync(join(cwd, name), text)
    const file = createWriteStream(join(cwd, 'rows.csv'))
    file.write('number,name,city\n')
    for (let row = 0; row < rows; row++)
      if (!file.write(`B${row},"Account number ${row}, Ltd",City ${row % 100}\n`)) await once(file, 'drain')
    file.end()
    await once(file, 'finish')
    const answering = answeredBy === 'sandbox' ? sandbox.process : stub
    const url = answeredBy === 'sandbox' ? sandbox.url : `http://127.0.0.1:${port}`
    const before = await usage(answering)
    const started = performance.now()
    const used = join(cwd, 'used')
    const { code, stdout, stderr } = await cli(['run', 'recipe.yaml', '--json'], {
      cwd,
      env: { ...sandbox.env, D365_URL: url, D365_RESOURCE: sandbox.url, USAGE_FILE: used },
      node: ['--import', join(import.meta.dirname, 'support/at-end.ts')],
    })
    if (code !== 0) throw new Error(stdout + stderr)
    const seconds = (performance.now() - started) / 1000
    const after = await usage(answering)
    const runner = JSON.parse(readFileSync(used, 'utf8')) as { cpuMs: number; peakMb: number }
    return {
      rows,
      'answered by': answeredBy,
      seconds: Number(seconds.toFixed(1)),
      perSecond: Math.round(rows / seconds),
      peakMb: Math.round(runner.peakMb),
      'runner: CPU µs a row': Math.round((runner.cpuMs * 1_000) / rows),
      'answering: CPU µs a row': Math.round(((after.cpuMs - before.cpuMs) * 1_000) / rows),
      'answering: busy %': Math.round((after.busyMs - before.busyMs) / seconds / 10),
    }
  } finally {
    stub.kill()
    await sandbox.close()
    rmSync(cwd, { recursive: true, force: true })
  }
}

const results: Result[] = []
for (const rows of sizes.length > 0 ? sizes : [10_000, 100_000])
  for (const answeredBy of ['stored bytes', 'sandbox'] as const) results.push(await measure(rows, answeredBy))
console.table(results)
const beside = results.filter((one) => one['answered by'] === 'stored bytes')
const [first, last] = [beside[0], beside.at(-1)]
if (first && last && first !== last)
  console.log(
    `${last.rows / first.rows} times the rows: ${(last.peakMb / first.peakMb).toFixed(2)} times the memory, ${(last.seconds / first.seconds).toFixed(2)} times the time`,
  )
