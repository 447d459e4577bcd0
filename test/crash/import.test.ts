import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { appConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

/** `kill -9` at 50 counted points of an import of 500 rows, then the same command again: every row exactly once, none lost. */
const rows = 500
const kills = 50
const preload = ['--import', join(import.meta.dirname, 'kill-at.ts')]

const test = suite('kill -9 during an import')
let sandbox: SandboxProcess
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder())
})
test.after(async () => sandbox.close())

/** One job a row, each a create: the write that must not happen twice. */
const creates = `name: Import
connection: ./crm.connection.yaml
concurrency: 25
trigger: { type: files.rows, with: { path: rows.csv } }
steps:
  - id: created
    action: dynamics365.create_record
    with: { table: lead, values: { lastname: "\${{ trigger.name }}", subject: "\${{ trigger.mark }}" } }
`

/** Jobs of 100 rows by alternate key. */
const upserts = `name: Import
connection: ./crm.connection.yaml
concurrency: 2
trigger: { type: files.rows, with: { path: rows.csv }, batch: 100 }
steps:
  - action: dynamics365.upsert_records
    with:
      table: account
      key: [accountnumber]
      rows: \${{ batch.records }}
      as: row
      values: { accountnumber: "\${{ row.name }}", description: "\${{ row.mark }}" }
`

function folder(recipe: string, mark: string): string {
  const lines = Array.from({ length: rows }, (_, index) => `${mark}-${String(index).padStart(3, '0')},${mark}`)
  return recipeFolder({ 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe, 'rows.csv': `name,mark\n${lines.join('\n')}\n` })
}

async function names(table: 'leads' | 'accounts', column: string, markColumn: string, mark: string): Promise<string[]> {
  const { body } = await sandbox.api('GET', `${table}?$select=${column}&$filter=${markColumn} eq '${mark}'&$orderby=${column}`)
  return body.value.map((row: Record<string, string>) => row[column])
}

for (const [name, recipe, table, column, markColumn] of [
  ['creates, a job a row', creates, 'leads', 'lastname', 'subject'],
  ['upserts, a job a batch', upserts, 'accounts', 'accountnumber', 'description'],
] as const) {
  test(name, async () => {
    const counted = folder(recipe, 'count')
    const whole = await cli(['run', 'recipe.yaml', '--json'], { cwd: counted, env: { ...sandbox.env, KILL_COUNT: join(counted, 'points') }, node: preload })
    assert.is(whole.code, 0, whole.stderr)
    const points = Number(readFileSync(join(counted, 'points'), 'utf8'))
    assert.ok(points > kills / 2, `only ${points} points`)

    for (let kill = 0; kill < kills / 2; kill++) {
      const mark = `k${kill}`
      const cwd = folder(recipe, mark)
      const at = 1 + Math.floor((kill * (points - 1)) / (kills / 2))
      const killed = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: { ...sandbox.env, KILL_AT: String(at) }, node: preload })
      assert.is(killed.code, null, `point ${at}: the process was not killed\n${killed.stdout}${killed.stderr}`)
      const again = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
      assert.is(again.code, 0, `point ${at}: ${again.stdout}${again.stderr}`)
      const found = await names(table, column, markColumn, mark)
      assert.is(found.length, rows, `point ${at}: ${found.length} rows`)
      assert.is(new Set(found).size, rows, `point ${at}: doubled rows`)
    }
  })
}

test.run()
