import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tempFolder } from '../support/temp.ts'

const test = suite('generate')

const root = join(import.meta.dirname, '../..')

/** A copy of the project with nothing but the files connector. */
function project(): string {
  const folder = tempFolder()
  for (const part of [
    'runner/connector',
    'runner/connection',
    'runner/recipe',
    'runner/settings',
    'runner/expression',
    'schemas',
    'connectors/files',
  ])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  cpSync(join(root, 'package.json'), join(folder, 'package.json'))
  return folder
}

function generate(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'schemas/generate.ts', ...args],
    { cwd: folder, encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

test('writes, then has nothing to write; --check names what is stale and writes nothing', () => {
  const folder = project()
  assert.equal(generate(folder).status, 0)
  assert.equal(generate(folder), { status: 0, stdout: '', stderr: '' })
  assert.is(generate(folder, '--check').status, 0)

  const page = join(folder, 'docs/reference/files.md')
  writeFileSync(page, 'old')
  const checked = generate(folder, '--check')
  assert.is(checked.status, 1)
  assert.is(checked.stdout, 'stale: docs/reference/files.md\n')
  assert.match(checked.stderr, /npm run generate/)
  assert.is(readFileSync(page, 'utf8'), 'old')
  assert.is(generate(folder).stdout, 'wrote docs/reference/files.md\n')
})

test('a connector that does not import hides nothing else, and fails the run', () => {
  const folder = project()
  mkdirSync(join(folder, 'connectors/unfinished'))
  writeFileSync(join(folder, 'connectors/unfinished/connection.ts'), 'import "./nothing.ts"\n')
  const { status, stdout, stderr } = generate(folder)
  assert.is(status, 1)
  assert.match(stdout, /wrote connectors\/catalog\.ts/)
  assert.match(stderr, /left out: unfinished\/connection\.ts does not import/)
  assert.match(readFileSync(join(folder, 'connectors/catalog.ts'), 'utf8'), /files\.append/)
})

test.run()
