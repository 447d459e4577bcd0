import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UnsecuredJWT } from 'jose'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { OAuthSettings } from '../../runner/connector/index.ts'
import { azureHost } from '../support/azure-host.ts'
import { failure } from '../support/failure.ts'
import { type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { tempFolder } from '../support/temp.ts'
import { type TestPorts, testPorts, testSpec, whoAmI } from '../support/test-connection.ts'

const test = suite('connection: workload identity')
const root = tempFolder()

interface World extends TestPorts {
  organization: OrganizationServer
  folder: string
  asked(oauth?: Partial<OAuthSettings>): Promise<number>
  /** A token of some issuer, with its life in milliseconds. */
  token(life: number): string
}

async function given(body: (world: World) => Promise<void>): Promise<void> {
  const ports = testPorts()
  const organization = await organizationServer()
  const folder = mkdtempSync(join(root, 'w-'))
  try {
    await body({
      ...ports,
      organization,
      folder,
      token: (life) =>
        new UnsecuredJWT({})
          .setIssuedAt(ports.clock.now())
          .setExpirationTime(new Date(ports.clock.now().getTime() + life))
          .encode(),
      async asked(oauth = {}) {
        const given = {
          grant: 'client_credentials',
          clientSecret: undefined,
          refreshToken: undefined,
          federatedToken: {},
          ...oauth,
        } as never
        return whoAmI(ports, { ...testSpec(organization.url, { oauth: given }), folder })
      },
    })
  } finally {
    await organization.close()
  }
}

const minute = 60_000

test('what is sent: the token in place of a secret, the client from the environment', () =>
  given(async ({ asked, organization, folder, env, token }) => {
    const jwt = token(10 * minute)
    writeFileSync(join(folder, 'token'), `\n${jwt}\n`)
    Object.assign(env, { AZURE_FEDERATED_TOKEN_FILE: join(folder, 'token'), AZURE_CLIENT_ID: 'client-of-platform' })
    assert.is(await asked({ clientId: undefined } as never), 200)
    const [sent] = organization.tokenRequests
    assert.equal(Object.fromEntries(sent ?? []), {
      grant_type: 'client_credentials',
      client_id: 'client-of-platform',
      scope: `${organization.url}/.default`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: jwt,
    })
  }))

interface Unusable {
  oauth?: Record<string, unknown>
  env?: Record<string, string>
  /** Of the file. */
  text?: (world: World) => string
  words: RegExp
}

const fromFile = { federatedToken: { file: 'token' } }
const unusable: Record<string, Unusable> = {
  'nothing offers a token': { words: /`federated_token_file`.*AZURE_FEDERATED_TOKEN_FILE.*id-token: write/ },
  'nothing says which client': { oauth: { clientId: undefined }, env: { AZURE_FEDERATED_TOKEN_FILE: 'x' }, words: /AZURE_CLIENT_ID/ },
  'the file is missing': { oauth: fromFile, words: /token cannot be read \(ENOENT\)/ },
  'the file is empty': { oauth: fromFile, text: () => ' \n', words: /token is empty/ },
  'the file holds something else': { oauth: fromFile, text: () => 'secret-canary-2', words: /no signed JSON web token/ },
  'the token has an end that no date can hold': {
    oauth: fromFile,
    text: () => `e30.${Buffer.from('{"exp":-1e300}').toString('base64url')}.x`,
    words: /ended on 1970-/,
  },
  'the token has ended': { oauth: fromFile, text: ({ token }) => token(-minute), words: /ended on 2026-03-01T07:59:00/ },
}

for (const [name, { oauth = {}, env = {}, text, words }] of Object.entries(unusable))
  test(`${name}: said at once, and nothing is sent`, () =>
    given(async (world) => {
      Object.assign(world.env, env)
      if (text) writeFileSync(join(world.folder, 'token'), text(world))
      const error = await failure(world.asked(oauth as Partial<OAuthSettings>))
      assert.equal([error.kind, error.code], ['auth', 'federated_token_unusable'])
      assert.match(error.message, words)
      assert.not.match(error.message, /canary/)
      assert.is(world.organization.tokenRequests.length, 0)
      assert.equal(world.clock.slept, [])
    }))

test('what the file lacked is there at the next run', () =>
  given(async ({ asked, folder, token }) => {
    const federatedToken = { file: 'token' }
    await failure(asked({ federatedToken }))
    writeFileSync(join(folder, 'token'), token(minute))
    assert.is(await asked({ federatedToken }), 200)
  }))

test('a refusal of the trust is looked at again after an hour: it is mended at the authority', () =>
  given(async ({ asked, folder, token, organization, clock }) => {
    const federatedToken = { file: 'token' }
    writeFileSync(join(folder, 'token'), token(1_000 * minute))
    organization.tokenAnswers.push({ status: 401, body: { error: 'invalid_client', error_description: 'AADSTS700213: No matching.' } })
    assert.is((await failure(asked({ federatedToken }))).code, 'credentials_refused')
    await failure(asked({ federatedToken }))
    assert.is(organization.tokenRequests.length, 1)
    clock.pass(60 * minute)
    assert.is(await asked({ federatedToken }), 200)
  }))

test('what a refusal repeats of the request holds no assertion', () =>
  given(async ({ asked, folder, token, organization }) => {
    const assertion = await token(minute)
    writeFileSync(join(folder, 'token'), assertion)
    organization.tokenAnswers.push((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: 'invalid_client', error_description: `You sent ${organization.tokenRequests.at(-1)}` }))
    })
    const error = await failure(asked({ federatedToken: { file: 'token' } }))
    assert.match(error.message, 'client_assertion=***')
    assert.not.match(error.message, assertion)
  }))

test('GitHub: the audience is asked for, the job without permission is told, a fault passes, the bearer is masked', () =>
  given(async ({ asked, clock, env, mask, token }) => {
    const host = await azureHost({
      now: () => clock.now().getTime(),
      accessToken: () => Promise.reject(new Error('not asked')),
      jobToken: async () => token(minute),
    })
    try {
      Object.assign(env, host.env.gitHubJob)
      host.answers.push({ status: 403, body: {} })
      const error = await failure(asked())
      assert.equal([error.kind, error.code], ['auth', 'federated_token_unusable'])
      assert.match(error.message, /403.*`id-token: write`/)
      host.answers.push({ status: 502, body: 'a gateway' })
      assert.is(await asked(), 200)
      assert.is(host.asked[2], 'GET /idtoken?job=7&audience=api%3A%2F%2FAzureADTokenExchange')
      assert.not.match(mask.mask(JSON.stringify(env)), /job-bearer-canary/)
    } finally {
      await host.close()
    }
  }))

test.run()
