import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { appConnection, recipeFolder } from '../support/recipes.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'

const rows = 500
const kills = Number(process.env.KILLS ?? 12)
const preload = ['--import', join(import.meta.dirname, 'kill-at.ts')]

export interface Import {
  name: string
  recipe: string
  /** Where the rows end up: entity set, column of the row's name, column of the mark that tells the imports apart. */
  target: { set: string; nameColumn: string; markColumn: string }
}

/** `kill -9` at counted points of an import of 500 rows, then the same command again: every row exactly once in the sandbox, none lost. */
export function killDuring({ name, recipe, target }: Import): void {
  const test = suite(`kill -9 during ${name}`)
  let sandbox: SandboxProcess
  let points: number
  test.before(async () => {
    sandbox = await sandboxProcess(tempFolder())
    const cwd = folder('count')
    const whole = await cli(['run', 'recipe.yaml', '--json'], {
      cwd,
      env: { ...sandbox.env, KILL_COUNT: join(cwd, 'points') },
      node: preload,
    })
    assert.is(whole.code, 0, whole.stderr)
    points = readFileSync(join(cwd, 'points'), 'utf8').trim().split('\n').length
    assert.ok(points > kills, `only ${points} points`)
  })
  test.after(async () => sandbox.close())

  function folder(mark: string): string {
    const lines = Array.from({ length: rows }, (_, index) => `${mark}-${String(index).padStart(3, '0')},${mark}`)
    return recipeFolder({ 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe, 'rows.csv': `name,mark\n${lines.join('\n')}\n` })
  }

  for (let kill = 0; kill < kills; kill++) {
    test(`point ${kill + 1} of ${kills}`, async () => {
      const mark = `k${kill}`
      const cwd = folder(mark)
      // Spread over the first three quarters: how many points a run has varies with the grouping of commits, and so with the load of the machine.
      const at = 1 + Math.floor((kill * points * 0.75) / kills)
      const killed = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: { ...sandbox.env, KILL_AT: String(at) }, node: preload })
      assert.is(killed.code, null, `the process was not killed at point ${at}\n${killed.stdout}${killed.stderr}`)
      const again = await cli(['run', 'recipe.yaml', '--json'], { cwd, env: sandbox.env })
      assert.is(again.code, 0, `point ${at}: ${again.stdout}${again.stderr}`)
      const { set, nameColumn, markColumn } = target
      const { body } = await sandbox.api('GET', `${set}?$select=${nameColumn}&$filter=${markColumn} eq '${mark}'`)
      const found = body.value.map((row: Record<string, string>) => row[nameColumn])
      assert.is(found.length, rows, `point ${at}: ${found.length} rows`)
      assert.is(new Set(found).size, rows, `point ${at}: doubled rows`)
    })
  }
  test.run()
}
