import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Diagnostic } from 'vscode-languageserver-protocol'
import { type LanguageServer, startLanguageServer } from './language-server.ts'

const test = suite('editor')

let server: LanguageServer
let diagnosed: Map<string, Diagnostic[]>

test.before(async () => {
  server = await startLanguageServer()
  // The server judges a text only after a pause; side by side they share it.
  diagnosed = new Map(
    await Promise.all(
      mistakes.map(async ([what, text, , , kind]): Promise<[string, Diagnostic[]]> => [what, await server.diagnose(text, kind)]),
    ),
  )
})

test.after(() => server.stop())

const trigger = 'trigger:\n  type: files.rows\n  with:\n    path: a.csv\n'
const step = '  - action: files.append\n    with:\n      path: b.csv\n      row: { n: 1 }\n'
const recipe = `name: Copy\n${trigger}steps:\n${step}`
const cloud = 'connector: dynamics365\naccount_type: cloud\nclient_id: a\n'

/** A recipe whose only step is the action with these lines under `with`. */
function withStep(action: string, ...lines: string[]): string {
  return `name: Copy\n${trigger}steps:\n  - action: ${action}\n    with:\n${lines.map((line) => `      ${line}\n`).join('')}`
}

/** Each text holds one mistake: one diagnostic, at its line (0-based), that says what is wrong. */
const mistakes: [what: string, text: string, line: number, pattern: RegExp, kind?: 'recipe' | 'connection' | 'runner'][] = [
  ['an unknown key of a recipe', `${recipe}concurency: 5\n`, 10, /concurency/],
  ['an unknown key of a trigger', recipe.replace('steps:', '  evry: 5m\nsteps:'), 5, /evry/],
  ["an unknown field of a trigger's `with`", recipe.replace('steps:', '    paht: a\nsteps:'), 5, /paht/],
  ['an unknown key of a step', `${recipe}    retyr: {}\n`, 10, /retyr/],
  ["an unknown field of an action's `with`", `${recipe}      cols: []\n`, 10, /cols/],
  ['a step of no kind', `${recipe}  - acton: files.append\n`, 10, /`action`, `for_each`/],
  ['a step of two kinds', `${recipe}    for_each: \${{ [1] }}\n`, 10, /for_each/],
  ['an unknown trigger', recipe.replace('files.rows', 'files.row'), 2, /"files\.rows"/],
  ['an unknown action', recipe.replace('files.append', 'files.apend'), 6, /"files\.append"/],
  ['an action as trigger', recipe.replace('files.rows', 'files.append'), 2, /"files\.rows"/],
  ['a missing trigger', `name: Copy\nsteps:\n${step}`, 0, /trigger/],
  ['a missing `with`', `name: Copy\n${trigger}steps:\n  - action: files.append\n`, 6, /with/],
  ['a missing required field', withStep('files.append', 'row: { n: 1 }'), 7, /path/],
  ['neither of two fields', withStep('files.append', 'path: a.csv'), 7, /row/],
  ['both of two fields', `${recipe}      rows: []\n`, 9, /row/],
  ['a number for yes or no', recipe.replace('steps:', '    header: 5\nsteps:'), 5, /true or false/],
  ['a text for yes or no', recipe.replace('steps:', '    header: maybe\nsteps:'), 5, /true or false/],
  ['a word that is not offered', recipe.replace('steps:', '    read: all\nsteps:'), 5, /"new_rows", "whole_file"/],
  ['a number for a word', recipe.replace('steps:', '    read: 5\nsteps:'), 5, /"new_rows", "whole_file"/],
  ['a text for a list', recipe.replace('steps:', '    columns: n\nsteps:'), 5, /a list/],
  ['a number among texts', recipe.replace('steps:', '    columns: [1]\nsteps:'), 5, /string/],
  ['a text for a mapping', withStep('files.append', 'path: a.csv', 'row: n'), 9, /a mapping/],
  ['a text that is too long', recipe.replace('steps:', '    delimiter: abc\nsteps:'), 5, /at most 1/],
  ['a list for `with`', recipe.replace('  with:\n    path: a.csv', '  with: []'), 3, /type/],
  ['a duration that is none', recipe.replace('steps:', '  every: often\nsteps:'), 5, /Write it like "5m"/],
  ['a number for a word of the language', `${recipe}    on_error: 5\n`, 10, /"fail", "continue"/],
  ['an unknown connector', `${recipe}connection:\n  connector: filez\n  anything: 1\n`, 11, /"files"/],
  ['an unknown setting', `${recipe}connection:\n  connector: files\n  foldr: a\n`, 12, /foldr/],
  ['a number for a connection', `${recipe}connection: 5\n`, 10, /type/],
  ['a secret in the clear', `${cloud}subdomain: contoso\nclient_secret: hunter2hunter2\n`, 4, /secrets\.NAME/, 'connection'],
  ['a rule between settings that asks', cloud, 0, /`subdomain` or `url`/, 'connection'],
  ['a rule between settings that refuses', `${cloud}subdomain: contoso\nad_domain: a\n`, 4, /on_premise/, 'connection'],
  ['an unknown key of runner.yaml', 'warn_bfore: 1d\n', 0, /warn_bfore/, 'runner'],
]

for (const [what, marked, offered, kind] of [
  ['the keys of a recipe', 'name: Copy\n|\n', ['trigger', 'steps', 'connection', 'concurrency']],
  ['trigger.type', 'name: Copy\ntrigger:\n  type: |\n', ['files.rows', 'dynamics365.record_changed']],
  ['the keys of a trigger', 'name: Copy\ntrigger:\n  type: files.rows\n  |\n', ['with', 'every', 'since']],
  ["a trigger's fields", 'name: Copy\ntrigger:\n  type: files.rows\n  with:\n    |\n', ['path', 'format', 'read', 'if_missing']],
  ["a field's words", `name: Copy\n${trigger}    read: |\n`, ['new_rows', 'whole_file']],
  ["a yes/no field's words", `name: Copy\n${trigger}    header: |\n`, ['true', 'false']],
  ['a new step', `${recipe}  - |\n`, ['action', 'if', 'for_each', 'files.append']],
  ['action', `name: Copy\n${trigger}steps:\n  - action: |\n`, ['files.append', 'dynamics365.create_record']],
  ["an action's fields", withStep('files.append', '|'), ['path', 'row', 'rows', 'columns']],
  ["another action's fields", withStep('dynamics365.create_record', '|'), ['table', 'values']],
  [
    'fields inside a branch',
    `name: Copy\n${trigger}steps:\n  - if: \${{ true }}\n    then:\n      - action: files.append\n        with:\n          |\n`,
    ['path', 'row'],
  ],
  ['the connector', `${recipe}connection:\n  connector: |\n`, ['files', 'dynamics365']],
  [
    "the connection block's fields",
    `${recipe}connection:\n  connector: dynamics365\n  |\n`,
    ['account_type', 'subdomain', 'client_secret', 'name'],
  ],
  ["a further connection's fields", `${recipe}connections:\n  out:\n    connector: files\n    |\n`, ['folder', 'name']],
  ["a connection file's fields", 'connector: dynamics365\n|\n', ['account_type', 'subdomain'], 'connection'],
  ['the keys of runner.yaml', '|\n', ['warn_before'], 'runner'],
] as [what: string, marked: string, offered: string[], kind?: 'recipe' | 'connection' | 'runner'][]) {
  test(`completes ${what}`, async () => {
    const found = await server.complete(marked, kind)
    for (const label of offered) assert.ok(found.has(label), `${label} is missing among ${[...found.keys()].join(', ')}`)
  })
}

test('offers only what belongs to the operation', async () => {
  const types = await server.complete('name: Copy\ntrigger:\n  type: |\n')
  assert.not.ok(types.has('files.append'), 'an action is no trigger')
  const fields = await server.complete(withStep('files.append', '|'))
  assert.not.ok(fields.has('table'))
  const settings = await server.complete('connector: files\n|\n', 'connection')
  assert.not.ok(settings.has('subdomain'))
})

test('fills in whole steps, indented below the dash', async () => {
  const found = await server.complete(`${recipe}  - |\n`)
  const text = (label: string) => (found.get(label)?.textEdit ?? { newText: '' }).newText
  assert.is(text('files.append'), 'action: files.append\n  with:\n    path: ')
  assert.is(text('if … then'), 'if: \\${{ $1 }}\n  then:\n    - action: $2')
  assert.is(text('for each'), 'for_each: \\${{ $1 }}\n  do:\n    - action: $2')
})

test('explains each operation where it is chosen', async () => {
  const found = await server.complete(`name: Copy\n${trigger}steps:\n  - action: |\n`)
  assert.match(JSON.stringify(found.get('files.append')?.documentation), /Append rows to a file/)
})

for (const [what, marked, pattern] of [
  ['an operation', recipe.replace('files.rows', 'files.ro|ws'), /Rows of a file/],
  ["a trigger's field", recipe.replace('    path: a', '    pa|th: a'), /relative to the connection's folder/],
  ["an action's field", recipe.replace('      row:', '      ro|w:'), /values by column/],
  ['a field of few words', recipe.replace('steps:', '    re|ad: new_rows\nsteps:'), /every row, each time/],
  ['a key of the language', `${recipe}con|currency: 5\n`, /Jobs side by side/],
  ['a setting', `${recipe}connection:\n  connector: dynamics365\n  client_se|cret: \${{ secrets.S }}\n`, /app registration/],
] as const) {
  test(`explains ${what} on hover`, async () => {
    assert.match(await server.hover(marked), pattern)
  })
}

for (const [what, text, kind] of [
  ['a recipe', recipe],
  [
    'expressions in place of any type',
    `name: Copy\ntrigger:\n  type: files.rows\n  with:\n    path: \${{ env.P }}\n    header: \${{ env.H == "1" }}\n    read: \${{ env.R }}\n    columns: \${{ env.C }}\n    delimiter: \${{ env.D }}\nsteps:\n${step}`,
  ],
  ['a path to a connection file, and own keys', `${recipe}connection: ./a.connection.yaml\nx-note: mine\n`],
  [
    'every kind of step',
    `${recipe}  - if: \${{ true }}\n    then:\n    ${step.replaceAll('\n    ', '\n        ')}  - for_each: \${{ [1] }}\n    as: n\n    do:\n    ${step.replaceAll('\n    ', '\n        ')}`,
  ],
  ['a connection', `${cloud}subdomain: contoso\nclient_secret: \${{ secrets.S }}\n`, 'connection'],
] as [what: string, text: string, kind?: 'recipe' | 'connection' | 'runner'][]) {
  test(`is silent about ${what}`, async () => {
    assert.equal(
      (await server.diagnose(text, kind)).map(({ message }) => message),
      [],
    )
  })
}

for (const [what, , line, pattern] of mistakes) {
  test(`marks ${what} once`, async () => {
    const found = diagnosed.get(what) ?? []
    assert.is(found.length, 1, found.map(({ message }) => message).join(' | ') || 'nothing is marked')
    assert.match(found[0]?.message as string, pattern)
    assert.is(found[0]?.range.start.line, line)
  })
}

test.run()
