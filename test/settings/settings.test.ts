import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codes } from '../../runner/connector/codes.ts'
import { readSettings } from '../../runner/settings/index.ts'
import { cli } from '../support/cli.ts'
import { recipeFolder } from '../support/recipes.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('runner.yaml')
const day = 86_400_000

async function read(text: string) {
  const file = join(tempFolder(), 'runner.yaml')
  writeFileSync(file, text)
  const { settings, problems } = await readSettings(file)
  for (const { code } of problems) assert.ok(code in codes, `${code} has no text in codes.ts`)
  return { settings, problems: problems.map(({ line, column, code, message }) => `${line}:${column} ${code} ${message}`) }
}

test('no file, an empty one and one of comments are all defaults', async () => {
  const { settings, problems } = await readSettings(join(tempFolder(), 'runner.yaml'))
  assert.equal(problems, [])
  assert.is(settings?.warnBeforeMs, 14 * day)
  for (const text of ['', '\n', '# nothing yet\n', '{}\n']) assert.equal(await read(text), { settings, problems: [] }, JSON.stringify(text))
})

test('every field is read', async () => {
  const { settings, problems } = await read(`secrets:
  - folder: /run/secrets
  - exec: [vault, kv, get, "secret/{name}"]
  - env
store:
  key: keyring
warn_before: 2d12h
`)
  assert.equal(problems, [])
  assert.equal(settings, {
    secrets: [{ folder: '/run/secrets' }, { exec: ['vault', 'kv', 'get', 'secret/{name}'] }, 'env'],
    storeKey: 'keyring',
    warnBeforeMs: 2.5 * day,
  })
})

for (const [what, text, ...wanted] of [
  ['an unknown key', 'warn_bfore: 1d\n', '1:1 unexpected_key There is no key `warn_bfore` here. Did you mean `warn_before`?'],
  ['no duration', 'warn_before: soon\n', '1:14 wrong_value `warn_before` cannot be `soon`; write it like `14d`.'],
  ['a number', 'warn_before: 14\n', '1:14 wrong_type `warn_before` must be a text, not a whole number.'],
  ['a list', '- a\n', '1:1 wrong_type The file must be a mapping, not a list.'],
  ['a key that is there twice', 'warn_before: 1d\nwarn_before: 2d\n', '2:1 yaml_duplicate_key This key is there twice. Keep one of them.'],
] as const) {
  test(`wrong: ${what}`, async () => {
    assert.equal(await read(text), { settings: undefined, problems: wanted })
  })
}

const list = 'Write one of `env`, `dotenv`, `folder: /run/secrets`, or `exec: [program, argument]`. A secret itself never stands here.'
const unknown = (todo: string) => `place_unknown This is no place that the runner knows. ${todo}`

for (const [what, text, ...wanted] of [
  ['a misspelt place', 'secrets:\n  - env\n  - dotevn\n', `3:5 ${unknown(list)}`],
  ['a secret among the places', 'secrets:\n  - CRM=hunter2-hunter2\n', `2:5 ${unknown(list)}`],
  ['a secret by its name', 'secrets:\n  - CRM: hunter2-hunter2\n', `2:5 ${unknown(list)}`],
  ['a folder that is no text', 'secrets: [{ folder: 5 }]\n', `1:11 ${unknown(list)}`],
  ['a folder and a program in one', 'secrets: [{ folder: a, exec: [b] }]\n', `1:11 ${unknown(list)}`],
  ['a program as one text', 'secrets: [{ exec: vault get }]\n', `1:11 ${unknown(list)}`],
  [
    'secrets in place of the list',
    'secrets: { CRM: hunter2-hunter2 }\n',
    `1:10 ${unknown('Write a list of `env`, `dotenv`, `folder: /run/secrets`, or `exec: [program, argument]`, in the order in which they are to be asked. A secret itself never stands here.')}`,
  ],
  ['no place at all', 'secrets: []\n', '1:10 wrong_value `secrets` needs at least 1 item.'],
  [
    'the key itself',
    'store: { key: hunter2-hunter2 }\n',
    `1:15 ${unknown('Write `file` or `keyring`, or set RUNNER_KEY. A secret itself never stands here.')}`,
  ],
  ['an unknown field of the store', 'store: { kye: hunter2-hunter2 }\n', '1:10 unexpected_key There is no key `kye` here. Known: `key`.'],
] as const) {
  test(`wrong place: ${what}`, async () => {
    assert.equal(await read(text), { settings: undefined, problems: wanted })
  })
}

test('what may be a secret is not shown, neither by message nor by code frame', async () => {
  const cwd = recipeFolder({ 'runner.yaml': 'secrets: { CRM: hunter2-hunter2 }\nstore: { key: hunter2-hunter2, kye: hunter2-hunter2 }\n' })
  for (const args of [['validate', '.'], ['validate', '.', '--format', 'json'], ['runs']]) {
    const { code, stdout, stderr } = await cli(args, { cwd })
    assert.is(code, 2)
    assert.is([...(stdout + stderr).matchAll(/place_unknown/g)].length, 2)
    assert.not.match(stdout + stderr, 'hunter2')
  }
})

test('a folder in its place is said plainly', async () => {
  const folder = tempFolder()
  mkdirSync(join(folder, 'runner.yaml'))
  const { settings, problems } = await readSettings(join(folder, 'runner.yaml'))
  assert.is(settings, undefined)
  assert.is(problems[0]?.code, 'file_unreadable')
})

test('a wrong file ends every command that needs it with status 2 and the code frame; `validate` tells it too', async () => {
  const cwd = recipeFolder({
    'runner.yaml': '# ours\nwarn_bfore: 1d\n',
    'below/recipe.yaml':
      'name: x\ntrigger: { type: files.rows, with: { path: a.csv } }\nsteps:\n  - action: files.append\n    with: { path: b.csv, row: {} }\n',
  })
  const frame =
    /runner\.yaml:2:1: There is no key `warn_bfore` here\. Did you mean `warn_before`\? \[unexpected_key\]\n2 \| warn_bfore: …\n {2}\| \^{10}\n/
  for (const args of [['run', 'below/recipe.yaml'], ['run', 'below/recipe.yaml', '--json'], ['connections'], ['runs']]) {
    const { code, stdout, stderr } = await cli(args, { cwd })
    assert.equal([code, stdout], [2, ''], args.join(' '))
    assert.match(stderr, frame)
  }
  for (const path of ['.', 'below', 'below/recipe.yaml', 'runner.yaml']) {
    const { code, stdout, stderr } = await cli(['validate', path], { cwd })
    assert.is(code, 2, path)
    assert.match(stdout, frame)
    assert.match(stderr, path === 'runner.yaml' ? '1 file: 1 error,' : '2 files: 1 error,')
  }
})

test.run()
