import { spawnSync } from 'node:child_process'
import { chmodSync, closeSync, cpSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'
import { recipeFolder } from '../support/recipes.ts'

const test = suite('the program')
const bin = join(import.meta.dirname, '../../runner/bin.js')

const recipe = (path: string) => `name: x
trigger: { type: files.rows, with: { path: rows.csv } }
steps:
  - id: first
    action: files.append
    with: { path: "${path}", row: { n: "\${{ trigger.n }}" } }
`

test('--version is one line, --help fits a screen', async () => {
  const cwd = recipeFolder({})
  assert.match((await cli(['--version'], { cwd })).stdout, /^\d+\.\d+\.\d+\n$/)
  const { stdout, code } = await cli(['--help'], { cwd })
  assert.is(code, 0)
  assert.ok(stdout.split('\n').length <= 24)
})

for (const args of [
  ['nonsense'],
  ['run'],
  ['run', 'nowhere.yaml'],
  ['run', 'recipe.yaml', '--limit', 'many'],
  ['run', 'recipe.yaml', '--max-time', 'long'],
  ['explain', 'nonsense'],
  ['validate', 'nowhere'],
]) {
  test(`\`${args.join(' ')}\` is a usage error`, async () => {
    const { code, stderr } = await cli(args, { cwd: recipeFolder({ 'recipe.yaml': recipe('out.jsonl'), 'rows.csv': 'n\n' }) })
    assert.is(code, 2, stderr)
    assert.not.match(stderr, 'fault of the runner')
    assert.ok(stderr.trim().length > 10)
  })
}

test('ten mistakes are ten problems, each with place and code frame; the secret is not shown', async () => {
  const cwd = recipeFolder({})
  cpSync(join(import.meta.dirname, '../recipes/err/ten-mistakes.recipe.yaml'), join(cwd, 'ten.recipe.yaml'))
  const { code, stdout, stderr } = await cli(['validate', '.'], { cwd })
  assert.is(code, 2)
  assert.is([...stdout.matchAll(/^ten\.recipe\.yaml:\d+:\d+: .* \[[a-z_]+\]$/gm)].length, 10)
  assert.match(stderr, '2 files: 10 errors, 0 warnings')
  assert.not.match(stdout, 'sEcr3t')
  const json = await cli(['validate', 'ten.recipe.yaml', '--format', 'json'], { cwd })
  assert.equal(
    json.lines.map(({ line, column, code }) => `${line}:${column} ${code}`),
    readFileSync(join(import.meta.dirname, '../recipes/err/ten-mistakes.out'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ', 2).join(' ')),
  )
})

test('a run that is refused by validation touches nothing and says why', async () => {
  const { code, stdout, stderr } = await cli(['run', 'recipe.yaml', '--json'], {
    cwd: recipeFolder({ 'recipe.yaml': recipe('out.jsonl').replace('path:', 'pth:') }),
  })
  assert.equal([code, stdout], [2, ''])
  assert.match(stderr, 'unexpected_key')
})

test('--json: a job error is a line with code, message, job and step; exit 4', async () => {
  const cwd = recipeFolder({ 'recipe.yaml': recipe('../outside.jsonl'), 'rows.csv': 'n\n1\n' })
  const { code, lines } = await cli(['run', 'recipe.yaml', '--json'], { cwd })
  assert.is(code, 4)
  const error = lines.find((line) => line.type === 'job_error')
  assert.equal([error?.code, error?.step, typeof error?.job, typeof error?.message], ['path_outside_folder', 'first', 'string', 'string'])
  const summary = lines.at(-1)
  assert.equal(
    [summary?.type, summary?.outcome, summary?.events, summary?.jobs],
    ['summary', 'job_errors', 1, { succeeded: 0, failed: 1, retried: 0, held: 0, left: 0 }],
  )
})

test('--json: a trigger error is a line with code and message; exit 3', async () => {
  const { code, lines } = await cli(['run', 'recipe.yaml', '--json'], { cwd: recipeFolder({ 'recipe.yaml': recipe('out.jsonl') }) })
  assert.is(code, 3)
  const error = lines.find((line) => line.type === 'trigger_error')
  assert.equal([error?.code, typeof error?.message], ['file_not_found', 'string'])
  assert.is(lines.at(-1)?.outcome, 'trigger_error')
})

test('one job from a given event', async () => {
  const cwd = recipeFolder({ 'recipe.yaml': recipe('out.jsonl') })
  writeFileSync(join(cwd, 'event.json'), '{"n": 7}')
  const { code, stderr } = await cli(['run', 'recipe.yaml', '--trigger-data', 'event.json'], { cwd })
  assert.is(code, 0, stderr)
  assert.is(readFileSync(join(cwd, 'out.jsonl'), 'utf8'), '{"n":7}\n')
})

test('runs, jobs and cursor tell what happened', async () => {
  const cwd = recipeFolder({ 'recipe.yaml': recipe('out.jsonl'), 'rows.csv': 'n\n1\n2\n' })
  await cli(['run', 'recipe.yaml'], { cwd })
  const [run] = (await cli(['runs', 'recipe.yaml', '--json'], { cwd })).lines
  assert.is(run?.outcome, 'ok')
  const jobs = (await cli(['jobs', 'list', 'recipe.yaml', '--json'], { cwd })).lines
  assert.is(jobs.length, 2)
  assert.match((await cli(['jobs', 'show', String(jobs[0]?.id)], { cwd })).stdout, 'first: succeeded')
  assert.match((await cli(['cursor', 'show', 'recipe.yaml'], { cwd })).stdout, '{')
  assert.is((await cli(['cursor', 'reset', 'recipe.yaml'], { cwd })).code, 0)
  assert.match((await cli(['cursor', 'show', 'recipe.yaml'], { cwd })).stdout, 'no cursor yet')
})

test('a wrong store key and a damaged store are said plainly', async () => {
  const cwd = recipeFolder({ 'recipe.yaml': recipe('out.jsonl'), 'rows.csv': 'n\n1\n' })
  await cli(['run', 'recipe.yaml'], { cwd })
  const wrong = await cli(['run', 'recipe.yaml'], { cwd, env: { RUNNER_KEY: Buffer.alloc(32, 1).toString('base64') } })
  assert.is(wrong.code, 1)
  assert.match(wrong.stderr, 'store_key_wrong')
  writeFileSync(join(cwd, '.runner/store.db'), 'this is no database, and long enough to be read as one'.repeat(100))
  const damaged = await cli(['run', 'recipe.yaml', '--json'], { cwd })
  assert.is(damaged.code, 1)
  assert.equal(
    [damaged.lines.at(-1)?.type, damaged.lines.at(-1)?.outcome, damaged.lines.at(-1)?.code],
    ['summary', 'fault', 'store_damaged'],
  )
  assert.match(damaged.stderr, 'store_damaged')
})

/** `/dev/full` is a disk without room. */
for (const [stream, descriptor, code] of [
  ['stdout', 1, 1],
  ['stderr', 2, 0],
] as const) {
  test(`without room for ${stream} it ends with ${code}, without a stack`, async () => {
    if (process.platform !== 'linux') return
    const cwd = recipeFolder({ 'recipe.yaml': recipe('out.jsonl'), 'rows.csv': 'n\n1\n' })
    const full = openSync('/dev/full', 'w')
    const { PATH } = process.env
    const options = {
      cwd,
      env: { PATH, HOME: cwd, RUNNER_LOG: 'debug' },
      stdio: ['ignore', 'pipe', 'pipe'] as ('ignore' | 'pipe' | number)[],
    }
    options.stdio[descriptor] = full
    // Its folder is open to others, which is warned of.
    mkdirSync(join(cwd, '.runner'))
    chmodSync(join(cwd, '.runner'), 0o777)
    const ended = spawnSync(process.execPath, [bin, 'run', 'recipe.yaml'], { ...options, encoding: 'utf8' })
    closeSync(full)
    assert.is(ended.status, code, ended.stderr)
    if (stream === 'stdout') assert.match(ended.stderr, /output cannot be written \(ENOSPC/)
    assert.not.match(ended.stderr ?? '', /\n {4}at /)
  })
}

test.run()
