import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

/** Both examples, end to end, as `npm run demo` shows them. */
test('the demo imports the Northwind customers and notices exactly what changed', async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../examples/demo.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const [code] = await once(child, 'close')
  assert.is(code, 0, output)
  for (const expected of [
    'import-customers/accounts.recipe.yaml: 93 events, 1 job ok, 0 failed',
    'import-customers/contacts.recipe.yaml: 93 events, 1 job ok, 0 failed',
    'now holds 93 accounts and 93 contacts',
    'import-customers/accounts.recipe.yaml: 0 events, 0 jobs ok, 0 failed',
    'changed-accounts/recipe.yaml: 0 events, 0 jobs ok, 0 failed',
    'changed-accounts/recipe.yaml: 2 events, 2 jobs ok, 0 failed',
    '"number":"ALFKI","name":"Alfreds Futterkiste","city":"Hamburg","change":"updated"',
    '"number":"BERGS","name":"Berglunds snabbköp AB","city":"Luleå","change":"updated"',
    'Alfreds Futterkiste: "Moved from Berlin to Hamburg"',
  ]) {
    assert.match(output, expected)
  }
})

test.run()
