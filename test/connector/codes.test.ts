import { globSync, readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codes } from '../../runner/connector/codes.ts'

/** The table of codes and the codes that the source uses are equal in both directions. */
const test = suite('error codes')
/** A code that is computed leaves the kind before it as the last literal. */
const kinds = new Set(['auth', 'rate_limited', 'transient', 'rejected', 'bug'])
const sources = globSync('{runner,connectors}/**/*.ts', { cwd: `${import.meta.dirname}/../..` })
  .filter((file) => !file.endsWith('connector/codes.ts') && !file.endsWith('catalog.ts'))
  .map((file) => readFileSync(`${import.meta.dirname}/../../${file}`, 'utf8'))

test('every code that is raised has its text', () => {
  const raised = new Set<string>()
  for (const text of sources) {
    for (const [, code] of text.matchAll(
      /new (?:ConnectorError|StoreError|ExpressionError)\(\s*(?:'(?:auth|rate_limited|transient|rejected|bug)',\s*)?'([a-z_]+)'/g,
    ))
      raised.add(code as string)
    for (const [, code] of text.matchAll(/\.problem\(\s*(?:\[[^\]]*\]|\w+),\s*'([a-z_]+)'/g)) raised.add(code as string)
  }
  assert.ok(raised.size > 40, `only ${raised.size} codes found: the search no longer fits the source`)
  assert.equal([...raised].filter((code) => !(code in codes) && !kinds.has(code)).sort(), [])
})

test('every text belongs to a code that is used', () => {
  const all = sources.join('\n')
  assert.equal(
    Object.keys(codes).filter((code) => !all.includes(`'${code}'`) && !all.includes(`${code}:`)),
    [],
  )
})

test('every text is a sentence that says what it means and what to do', () => {
  for (const [code, { means, todo }] of Object.entries(codes)) {
    assert.ok(means.length > 10 && /[.:]$/.test(means), `${code}: ${means}`)
    assert.ok(todo.length > 4 && todo.endsWith('.'), `${code}: ${todo}`)
  }
})

test.run()
