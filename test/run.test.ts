import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tempFolder } from './support/temp.ts'

const runner = suite('test runner')

const folders = tempFolder()

/** Runs `test/run.ts` in a folder of its own that holds these test files. */
function run(files: Record<string, string>, ...args: string[]): { code: number | null; output: string } {
  const folder = mkdtempSync(join(folders, 'run-'))
  mkdirSync(join(folder, 'test'))
  symlinkSync(join(import.meta.dirname, '../node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [name, body] of Object.entries(files))
    writeFileSync(
      join(folder, 'test', name),
      `import { suite } from 'uvu'\nimport * as assert from 'uvu/assert'\nconst one = suite('one')\n${body}\n`,
    )
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], {
    cwd: folder,
    encoding: 'utf8',
  })
  return { code: status, output: stdout + stderr }
}

const good = "one('holds', () => assert.is(1, 1))\none.run()"

runner('passes what passes', () => {
  const { code, output } = run({ 'a.test.ts': good, 'b.test.ts': `one.skip('later', () => {})\n${good}` })
  assert.is(code, 0, output)
  assert.match(output, /2 passed, 0 failed, 1 skipped/)
})

const broken: [what: string, body: string, says: RegExp][] = [
  ['a failing test', "one('fails', () => assert.is(1, 2))\none.run()", /FAIL test\/a\.test\.ts/],
  ['one failing test among others', "one('holds', () => {})\none('fails', () => assert.is(1, 2))\none.run()", /2 passed, 1 failed/],
  [
    'a before hook that throws',
    "one.before(() => { throw new Error('broken') })\none('holds', () => {})\none.run()",
    /FAIL test\/a\.test\.ts/,
  ],
  ['a missing .run()', "one('holds', () => {})", /ended before its tests did, or has no `\.run\(\)`/],
  ['a promise that never settles', "one('waits', () => new Promise(() => {}))\none.run()", /FAIL test\/a\.test\.ts/],
  ['a handle that is left open', "one('leaks', () => { setInterval(() => {}, 1000) })\none.run()", /did not end: a handle was left open/],
  ['a file without tests', 'one.run()', /has no test/],
  ['a file with nothing but skipped tests', "one.skip('later', () => {})\none.run()", /has no test/],
  ['a file that throws', "throw new Error('broken')", /exited with 1/],
  ['an error after the tests', `${good}\nprocess.on('exit', () => { process.exitCode = 3 })`, /exited with 3/],
]

for (const [what, body, says] of broken)
  runner(`fails for ${what}`, () => {
    const { code, output } = run({ 'a.test.ts': body, 'b.test.ts': good })
    assert.is(code, 1, output)
    assert.match(output, says)
    assert.match(output, /ok {3}test\/b\.test\.ts/, 'the other file is still told as passed')
  })

runner('fails where no file matches', () => {
  const { code, output } = run({ 'a.test.ts': good }, 'nothing-of-this-name')
  assert.is(code, 1)
  assert.match(output, /no test file matches/)
})

runner.run()
