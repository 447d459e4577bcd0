import * as assert from 'uvu/assert'

/**
 * Whether a value is as expected: a text `/…/` is a regular expression, `*` anything but absent, `-` absent; objects may have further members, lists may not.
 * @throws the assertion that does not hold, with the path to it
 */
export function assertMatches(actual: unknown, expected: unknown, path: string): void {
  if (expected === '-') return assert.is(actual, undefined, `${path} must be absent`)
  if (expected === '*') return assert.ok(actual !== undefined, `${path} must be there`)
  const pattern = typeof expected === 'string' ? /^\/(.*)\/$/s.exec(expected)?.[1] : undefined
  if (pattern !== undefined)
    return assert.match(String(actual), new RegExp(pattern, 's'), `${path}: ${shown(actual)} does not match ${expected}`)
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${path} must be a list, and is ${shown(actual)}`)
    const list = actual as unknown[]
    assert.is(list.length, expected.length, `${path} has ${list.length} items: ${shown(list)}`)
    for (const [at, item] of expected.entries()) assertMatches(list[at], item, `${path}[${at}]`)
  } else if (typeof expected === 'object' && expected !== null) {
    assert.ok(typeof actual === 'object' && actual !== null, `${path} must be an object, and is ${shown(actual)}`)
    for (const [name, item] of Object.entries(expected)) assertMatches((actual as Record<string, unknown>)[name], item, `${path}.${name}`)
  } else assert.is(actual, expected, `${path} is ${shown(actual)}, and must be ${shown(expected)}`)
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 600) ?? 'absent'
}
