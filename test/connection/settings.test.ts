// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are recipe expressions
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MaskRegistry, readSecrets, resolveSettings } from '../../runner/connection/index.ts'
import type { ConnectorError } from '../../runner/connector/index.ts'
import { compileTemplate } from '../../runner/expression/index.ts'

const test = suite('connection: secrets and settings')

const folders: string[] = []
test.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function secretsOf(dotenv: string | undefined, env: Record<string, string | undefined> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'runner-secrets-'))
  folders.push(root)
  if (dotenv !== undefined) writeFileSync(join(root, '.env'), dotenv)
  const mask = new MaskRegistry()
  return { mask, secrets: readSecrets({ root, env, mask }) }
}

const entry = {
  name: 'system',
  settings: {
    type: 'object',
    additionalProperties: false,
    required: ['client_id'],
    properties: {
      client_id: { type: 'string', minLength: 1 },
      client_secret: { type: 'string', 'x-secret': true, maxLength: 12 },
      kind: { type: 'string', enum: ['cloud', 'local'] },
      limits: { type: 'object', properties: { at_once: { type: 'integer' } } },
    },
  },
  rules: [{ if: { required: ['kind'] }, then: { required: ['client_secret'] }, errorMessage: '`kind` needs `client_secret`.' }],
}

function template(tree: unknown) {
  const compiled = compileTemplate(tree, { scope: { env: {}, secrets: {} } })
  assert.equal(compiled.problems, [])
  return compiled.template as NonNullable<typeof compiled.template>
}

async function failure(promise: Promise<unknown>): Promise<ConnectorError> {
  return promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error) => error as ConnectorError,
  )
}

test('the environment goes before .env; empty values count as none', () => {
  const { secrets } = secretsOf('A=from-the-file\nB="quoted # text"\nC=\n# D=no', { A: 'from-the-environment', E: '' })
  assert.equal({ ...secrets }, { A: 'from-the-environment', B: 'quoted # text' })
})

test('only what is read is masked', () => {
  const { secrets, mask } = secretsOf('USED=secret-value-1\nUNUSED=secret-value-2')
  assert.is(secrets.USED, 'secret-value-1')
  assert.is(mask.mask('secret-value-1 secret-value-2'), '*** secret-value-2')
})

test('expressions read secrets, and only those they name', async () => {
  const { secrets, mask } = secretsOf('USED=secret-val-1\nUNUSED=secret-val-2')
  const settings = await resolveSettings(template({ client_id: '${{ env.ID }}', client_secret: '${{ secrets.USED }}' }), entry, {
    env: { ID: 'id-1' },
    secrets,
  })
  assert.equal(settings, { client_id: 'id-1', client_secret: 'secret-val-1' })
  assert.is(mask.mask('secret-val-1 secret-val-2'), '*** secret-val-2')
})

test('a missing secret is named with the places where it can be put', async () => {
  const { secrets } = secretsOf(undefined)
  const error = await failure(
    resolveSettings(template({ client_id: 'x', client_secret: '${{ secrets.NOT_THERE }}' }), entry, { env: {}, secrets }),
  )
  assert.is(error.kind, 'rejected')
  assert.is(error.code, 'secret_missing')
  assert.match(error.message, /environment variable NOT_THERE/)
  assert.match(error.message, /\.env/)
})

test('a missing environment variable is named', async () => {
  const error = await failure(resolveSettings(template({ client_id: '${{ env.NOT_THERE }}' }), entry, { env: {}, secrets: {} }))
  assert.is(error.code, 'secret_missing')
  assert.match(error.message, /environment variable NOT_THERE/)
})

const invalid: [name: string, tree: Record<string, unknown>, message: RegExp][] = [
  ['a required field', {}, /`client_id` is required/],
  ['an unknown field', { client_id: 'x', clientid: 'y' }, /`clientid` is no field/],
  ['a value outside its list', { client_id: 'x', kind: 'other', client_secret: 'x' }, /`kind` must be one of cloud, local/],
  ['a field inside', { client_id: 'x', limits: { at_once: 'many' } }, /`limits\.at_once` must be integer/],
  ['a rule between fields', { client_id: 'x', kind: 'cloud' }, /`kind` needs `client_secret`/],
]

for (const [name, tree, message] of invalid) {
  test(`invalid: ${name}`, async () => {
    const error = await failure(resolveSettings(template(tree), entry, { env: {}, secrets: {} }))
    assert.is(error.code, 'connection_invalid')
    assert.match(error.message, message)
  })
}

test('a secret that does not fit is not quoted', async () => {
  const error = await failure(
    resolveSettings(template({ client_id: 'x', client_secret: 'much-too-long-secret' }), entry, { env: {}, secrets: {} }),
  )
  assert.not.match(JSON.stringify({ ...error, message: error.message }), /much-too-long/)
})

test.run()
