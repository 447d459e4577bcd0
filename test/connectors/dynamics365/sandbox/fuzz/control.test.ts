import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { controlList } from '../../../../../connectors/dynamics365/sandbox/control/index.ts'
import { faultKinds, matcherFields } from '../../../../../connectors/dynamics365/sandbox/faults/kinds.ts'
import { startSandbox } from '../../../../../connectors/dynamics365/sandbox/index.ts'
import { switches } from '../../../../../connectors/dynamics365/sandbox/switches.ts'
import { fuzz } from './fuzz.ts'
import { ask, hangUp } from './http.ts'
import { value } from './json-grammar.ts'
import { damaged, joined, oneOf, sequence } from './text.ts'

const test = suite('fuzzing: the control interface')
const sandbox = await startSandbox({ auth: 'off' })
const { url } = sandbox
const headers = { authorization: 'Bearer any' }
const { UserId: userId } = JSON.parse((await ask(url, 'GET', '/api/data/v9.2/WhoAmI', '', headers)).text)

test.after(async () => {
  hangUp()
  await sandbox.close()
})

const quoted = (texts: readonly string[]) => oneOf(texts).map((text) => JSON.stringify(text))
const pattern = quoted(['accounts', '^/api', '(a+)', '(', '[', '\\'])
const faultFields = [...new Set([...Object.keys(matcherFields), ...Object.values(faultKinds).flatMap(({ fields }) => Object.keys(fields))])]

/** Values that an order may have, by the name of the field. */
const known: Record<string, fc.Arbitrary<string>> = {
  set: quoted(['2026-03-01T10:00:00Z', '9999-12-31T23:59:59Z', '0000-01-01', '2026-02-30T10:00:00Z', 'now']),
  advance: fc.constantFrom('0', '90', '-1e9', '8.64e12', '1e300', '253402300799', '-62135596800', '0.0001'),
  rules: sequence(
    '[{"user":',
    quoted([userId, 'x', '__proto__']),
    ',"table":',
    quoted(['account', '*', 'x']),
    ',"depth":',
    quoted(['user', 'organization', 'x']),
    fc.constantFrom('}]', ',"rights":["Read"]}]', ',"rights":["x"]}]', ',"rights":{}}]', ',"privilege":"prvBulkDelete","held":true}]'),
  ),
  limits: quoted(['off', 'real', 'requests=60,window=3s', 'requests=0', 'requests=1e9', 'x=1', 'window=']),
  fault: quoted(Object.keys(faultKinds)),
  pattern,
  path: quoted(['accounts', '/', '']),
  do: fc.constantFrom('["access-tokens/expire"]', '["toString"]', '[{"toString":1}]', '[null]', '[]', '{}'),
  code: fc.constantFrom('700082', '50076', '0', '"700082"'),
  status: fc.constantFrom('503', '404', '99', '600', '"503"'),
  times: fc.constantFrom('1', '0', '1e6'),
  pem: quoted(['-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----', '']),
  keys: fc.constantFrom('[]', '[{}]', '[null]', '[{"kty":"RSA","n":"AQAB","e":"AQAB"}]'),
  issuer: quoted(['https://issuer.example']),
  subject: quoted(['s']),
  redirect_uri: quoted(['http://localhost/', 'javascript:alert(1)', '//']),
}
const fields = [
  ...Object.keys(known),
  ...faultFields,
  ...Object.keys(switches),
  ...controlList.flatMap(({ fields = {} }) => Object.keys(fields)),
]
const fieldOf = (names: readonly string[]) =>
  oneOf(names).chain((name) =>
    sequence(
      `${JSON.stringify(name)}:`,
      fc.oneof({ weight: 4, arbitrary: Object.hasOwn(known, name) ? known[name]! : value }, { weight: 1, arbitrary: value }),
    ),
  )

const order = fc.constantFrom(...controlList.filter(({ path }) => path !== '/events')).chain(({ method, path, fields: own = {} }) => {
  const names = path === '/faults' ? [...faultFields, 'fault'] : path === '/switches' ? Object.keys(switches) : Object.keys(own)
  const members = fc.oneof({ weight: 6, arbitrary: fieldOf(names.length > 0 ? names : fields) }, { weight: 1, arbitrary: fieldOf(fields) })
  return fc.record({
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constant(method as string) },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT') },
    ),
    path: damaged(fc.constantFrom('1', 'accounts', '%', 'x').map((part) => `/sandbox${path.replace(/:\w+\??/, part)}`)),
    body: damaged(sequence('{', joined(members, ',', 3, 0), '}')),
  })
})

/** Certificates and the page are no JSON. */
const statuses = new Set([200, 400, 404])

test('every order is carried out or refused with a sentence, and the sandbox goes on', () =>
  fuzz(
    order,
    async ({ method, path, body }) => {
      const address = path.startsWith('/sandbox') && !path.startsWith('/sandbox/events') ? path.replaceAll(/[^!-~]/g, '%20') : '/sandbox'
      const answer = await ask(url, method, address, method === 'GET' ? '' : body)
      assert.ok(statuses.has(answer.status), `answered ${answer.status} ${answer.text}`)
      assert.not.match(answer.text, 'The sandbox failed')
      if (answer.type.startsWith('application/json')) JSON.parse(answer.text)
      assert.is((await ask(url, 'DELETE', '/sandbox/faults')).status, 200)
      assert.is((await ask(url, 'POST', '/sandbox/limits', '{"limits":"off"}')).status, 200)
      const who = await ask(url, 'GET', '/api/data/v9.2/WhoAmI', '', headers)
      assert.is(who.status, 200, who.text)
      const row = await ask(url, 'POST', '/api/data/v9.2/accounts', '{"name":"a"}', headers)
      assert.ok(row.status === 204 || row.status === 403, row.text)
      return answer.status
    },
    0.3,
  ))

test.run()
