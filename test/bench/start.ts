/** Cold start, as ratios to `node -e 0`, medians of side-by-side runs: `node test/bench/start.ts [runs]`. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appConnection } from '../support/recipes.ts'
import { sandboxProcess } from '../support/sandbox.ts'

const runs = Number(process.argv[2] ?? 15)
const bin = join(import.meta.dirname, '../../runner/bin.js')
const recipe = `name: Ten
connection: ./crm.connection.yaml
trigger: { type: files.rows, with: { path: rows.csv, read: whole_file } }
steps:
  - action: dynamics365.create_record
    with: { table: contact, values: { lastname: "\${{ trigger.name }}" } }
`

const cwd = mkdtempSync(join(tmpdir(), 'runner-bench-'))
const sandbox = await sandboxProcess(cwd)
try {
  for (const [name, text] of Object.entries({ 'runner.yaml': '', 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe }))
    writeFileSync(join(cwd, name), text)
  let round = 0
  const rows = () =>
    writeFileSync(join(cwd, 'rows.csv'), `name\n${Array.from({ length: 10 }, (_, index) => `n${round}-${index}`).join('\n')}\n`)
  const commands: Record<string, string[]> = {
    'node -e 0': ['-e', '0'],
    'runner --version': [bin, '--version'],
    'runner validate': [bin, 'validate', 'recipe.yaml'],
    'runner run, 10 records': [bin, 'run', 'recipe.yaml'],
  }
  const env = { ...process.env, ...sandbox.env, XDG_CONFIG_HOME: join(cwd, '.config') }
  const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]))
  for (round = 0; round < runs + 2; round++) {
    rows()
    for (const [name, args] of Object.entries(commands)) {
      const started = performance.now()
      const { status, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' })
      if (status !== 0) throw new Error(`${name}: ${stderr}`)
      // The first two fill caches.
      if (round >= 2) times.get(name)?.push(performance.now() - started)
    }
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
  const base = median(times.get('node -e 0') ?? [])
  console.table(
    [...times].map(([command, values]) => ({
      command,
      'median ms': Math.round(median(values)),
      ratio: Number((median(values) / base).toFixed(2)),
    })),
  )
} finally {
  await sandbox.close()
  rmSync(cwd, { recursive: true, force: true })
}
