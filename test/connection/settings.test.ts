// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are recipe expressions
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MaskRegistry, openSecrets, resolveSettings, type Secrets } from '../../runner/connection/index.ts'
import { compileTemplate } from '../../runner/expression/index.ts'
import { referencesOf } from '../../runner/recipe/references.ts'
import { failure } from '../support/failure.ts'

const test = suite('connection: secrets and settings')

const folders: string[] = []
test.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const silent = { debug() {}, info() {}, warn() {} }
const none: Secrets = { find: async () => ({ looked: [] }) }

function secretsOf(dotenv: string | undefined, env: Record<string, string | undefined> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'runner-secrets-'))
  folders.push(root)
  if (dotenv !== undefined) writeFileSync(join(root, '.env'), dotenv)
  const mask = new MaskRegistry()
  return { mask, secrets: openSecrets({ places: ['env', 'dotenv'], root, env, mask, log: silent }) }
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

function block(settings: unknown) {
  const { template, problems } = compileTemplate(settings, { scope: { env: {}, secrets: {} } })
  assert.equal(problems, [])
  return { settings: template, references: referencesOf(settings), file: '/recipes/x.connection.yaml' }
}

test('expressions read secrets, and only those they name', async () => {
  const { secrets, mask } = secretsOf('USED=secret-val-1\nUNUSED=secret-val-2')
  const settings = await resolveSettings(block({ client_id: '${{ env.ID }}', client_secret: '${{ secrets.USED }}' }), entry, {
    env: { ID: 'id-1' },
    secrets,
  })
  assert.equal(settings, { client_id: 'id-1', client_secret: 'secret-val-1' })
  assert.is(mask.mask('secret-val-1 secret-val-2'), '*** secret-val-2')
})

test('a missing secret is named with the places where it can be put', async () => {
  const { secrets } = secretsOf(undefined)
  const error = await failure(
    resolveSettings(block({ client_id: 'x', client_secret: '${{ secrets.NOT_THERE }}' }), entry, { env: {}, secrets }),
  )
  assert.is(error.kind, 'rejected')
  assert.is(error.code, 'secret_missing')
  assert.match(error.message, 'secrets.NOT_THERE (`client_secret` in /recipes/x.connection.yaml), which has no value')
  assert.match(error.message, /the environment variable NOT_THERE \(not set\), \S+\/\.env \(no such file\)\. Put it into one of them/)
  assert.equal(error.details, { name: 'NOT_THERE' })
})

test('of several missing ones the one that failed is named; one that may be missing is none', async () => {
  const { secrets } = secretsOf('KEY=x')
  const settings = { client_id: '${{ secrets.KEY }}${{ secrets.KEY_ID }}', client_secret: '${{ secrets.?KEY_OLD.orValue("none") }}' }
  const error = await failure(resolveSettings(block(settings), entry, { env: {}, secrets }))
  assert.match(error.message, 'secrets.KEY_ID (`client_id`')
  const { client_secret } = settings
  assert.equal(await resolveSettings(block({ client_id: 'x', client_secret }), entry, { env: {}, secrets }), {
    client_id: 'x',
    client_secret: 'none',
  })
})

test('a missing environment variable is named', async () => {
  const error = await failure(resolveSettings(block({ client_id: '${{ env.NOT_THERE }}' }), entry, { env: {}, secrets: none }))
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
    const error = await failure(resolveSettings(block(tree), entry, { env: {}, secrets: none }))
    assert.is(error.code, 'connection_invalid')
    assert.match(error.message, message)
  })
}

test('a secret that does not fit is not quoted', async () => {
  const error = await failure(
    resolveSettings(block({ client_id: 'x', client_secret: 'much-too-long-secret' }), entry, { env: {}, secrets: none }),
  )
  assert.not.match(JSON.stringify({ ...error, message: error.message }), /much-too-long/)
})

test.run()
