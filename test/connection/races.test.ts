import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type OpenConnection, type TokenRecord, tokenKey } from '../../runner/connection/index.ts'
import { type Clock, parseJson } from '../../runner/connector/index.ts'
import { openStore, type Store } from '../../runner/store/index.ts'
import { failure } from '../support/failure.ts'
import { entraError, type OrganizationServer, organizationServer } from '../support/organization-server.ts'
import { tempFolder } from '../support/temp.ts'
import { type TestSpec, testPorts, testSpec } from '../support/test-connection.ts'

const test = suite('connection: races between processes, over one store file')
const name = 'Contoso sales'
const row = tokenKey(name, 'default')
const folder = tempFolder()
let files = 0
const passing = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

interface World {
  server: OrganizationServer
  file: string
  key: Buffer
  /** What another process would see and write. */
  store: Store
  /** As a process of its own would: with a handle on the file, a life sign and a clock of its own. */
  opened(oauth?: TestSpec['oauth'], clock?: Clock): Promise<OpenConnection>
  record(): Promise<TokenRecord>
  /** Changes the row as another process would. */
  change(change: (record: TokenRecord) => TokenRecord): Promise<void>
}

/** Somebody has signed in; the access token is used up. */
function given(what: string, body: (world: World) => Promise<void>): void {
  test(what, async () => {
    const server = await organizationServer()
    const [file, key] = [join(folder, `${files++}.db`), randomBytes(32)]
    const stores: Store[] = []
    const connections: OpenConnection[] = []
    const newStore = async () => {
      const store = await openStore({ file, key, parse: parseJson })
      stores.push(store)
      return store
    }
    const store = await newStore()
    const world: World = {
      server,
      file,
      key,
      store,
      async opened(oauth = {}, clock) {
        const ports = testPorts()
        const spec = testSpec(server.url, { oauth: { ...signedIn, ...oauth } as NonNullable<TestSpec['oauth']> })
        const { tokens } = await newStore()
        const connection = ports.open(spec, { tokens, ...(clock && { clock }) })
        connections.push(connection)
        return connection
      },
      record: async () => (await store.tokens.get(row))?.payload as TokenRecord,
      async change(change) {
        for (;;) {
          const { payload, fingerprint, version } = (await store.tokens.get(row)) as NonNullable<
            Awaited<ReturnType<Store['tokens']['get']>>
          >
          if (await store.tokens.put(row, { fingerprint, payload: change(payload as TokenRecord) }, version)) return
        }
      },
    }
    try {
      await get(await world.opened({ grant: 'refresh_token', refreshToken: 'rt-canary-given' }))
      server.valid.clear()
      server.tokenRequests.length = 0
      await body(world)
    } finally {
      for (const connection of connections) await connection.close()
      for (const each of stores) await each.close()
      await server.close()
    }
  })
}

const signedIn = { grant: 'authorization_code', refreshToken: undefined }
const get = (connection: OpenConnection) => connection.request({ method: 'GET', url: 'rows' })

given('a sign-in that is forgotten during its renewal does not come back', async ({ opened, server, store }) => {
  server.beforeToken = async () => void (await store.tokens.delete(row))
  assert.is((await failure(get(await opened()))).code, 'sign_in_needed')
  assert.is(await store.tokens.get(row), undefined)
})

const newSignIn = (record: TokenRecord): TokenRecord => {
  const { lease: _, ...rest } = record
  const now = new Date().toISOString()
  return {
    ...rest,
    access: { token: 'at-canary-new', obtainedAt: '2026-03-01T08:00:00Z', expiresAt: '2026-03-01T09:00:00Z' },
    refresh: { token: 'rt-canary-new', obtainedAt: now },
  }
}

given('a new sign-in during a renewal stays', async ({ opened, server, record, change }) => {
  server.valid.add('at-canary-new')
  server.beforeToken = () => change(newSignIn)
  assert.is((await get(await opened())).status, 200)
  assert.is((await record()).refresh?.token, 'rt-canary-new')
  assert.is(server.tokenRequests.length, 1)
})

given('so does one after the old one was forgotten', async ({ opened, server, store, record }) => {
  server.valid.add('at-canary-new')
  server.beforeToken = async () => {
    const { version: _, ...old } = (await store.tokens.get(row)) as NonNullable<Awaited<ReturnType<Store['tokens']['get']>>>
    await store.tokens.delete(row)
    // As often as it takes for versions that are counted up to come to where they were.
    await store.tokens.put(row, { ...old, payload: newSignIn(old.payload as TokenRecord) }, 0)
    const version = async () => (await store.tokens.get(row))?.version as number
    await store.tokens.put(row, { ...old, payload: newSignIn(old.payload as TokenRecord) }, await version())
    await store.tokens.put(row, { ...old, payload: newSignIn(old.payload as TokenRecord) }, await version())
  }
  assert.is((await get(await opened())).status, 200)
  assert.is((await record()).refresh?.token, 'rt-canary-new')
})

given('a refusal that comes after a new sign-in does not touch it', async ({ opened, server, record, change }) => {
  server.valid.add('at-canary-new')
  server.tokenAnswers.push({ status: 400, body: entraError(50173) })
  server.beforeToken = () => change(newSignIn)
  assert.is((await get(await opened())).status, 200)
  assert.is((await record()).mark, undefined)
  assert.is((await record()).refresh?.token, 'rt-canary-new')
})

given('what else is noted in the row during a renewal costs nothing', async ({ opened, server, record, change }) => {
  const barred = { code: 'app_blocked', words: 'blocked', since: '2026-03-01T08:00:00Z' }
  server.beforeToken = () => change((now) => ({ ...now, barred }))
  assert.is((await get(await opened())).status, 200)
  assert.is((await record()).refresh?.token, 'rt-canary-2')
  assert.is(server.tokenRequests.length, 1)
})

given('a process with another secret goes its own way, and both live on with what it brings', async ({ opened, server, record }) => {
  server.tokenAnswers.push({ status: 401, body: entraError(7000215, 'invalid_client') })
  const [old, mended] = [await opened({ clientSecret: 'secret-canary-old' }), await opened({ clientSecret: 'secret-canary-new' })]
  assert.is((await failure(get(old))).code, 'credentials_refused')
  assert.is((await get(mended)).status, 200)
  assert.is((await get(old)).status, 200)
  assert.is((await record()).mark, undefined)
  assert.is(server.tokenRequests.length, 2)
})

/** The first token request stays without an answer for as long as its asker counts as hung. */
function firstHangs(server: OrganizationServer): { asked: Promise<void>; answer(): void } {
  const [asked, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  server.beforeToken = () => {
    server.beforeToken = () => {}
    asked.resolve()
    return go.promise
  }
  return { asked: asked.promise, answer: go.resolve }
}

given('a refusal of one that had hung does not wipe what another has brought', async ({ opened, server, record }) => {
  const first = firstHangs(server)
  const hung = get(await opened({ clientSecret: 'secret-canary-old' }))
  await first.asked
  assert.is((await get(await opened({ clientSecret: 'secret-canary-new' }))).status, 200)
  server.tokenAnswers.push({ status: 401, body: entraError(7000215, 'invalid_client') })
  first.answer()
  assert.is((await hung).status, 200)
  assert.is((await record()).mark, undefined)
  assert.is(server.tokenRequests.length, 2)
})

given('an answer to one that had hung is kept where the other has none yet', async ({ opened, server, record }) => {
  const first = firstHangs(server)
  const hung = get(await opened())
  await first.asked
  const second = firstHangs(server)
  const other = get(await opened())
  await second.asked
  first.answer()
  assert.is((await hung).status, 200)
  assert.is((await record()).refresh?.token, 'rt-canary-2')
  second.answer()
  assert.is((await other).status, 200)
  assert.is((await record()).refresh?.token, 'rt-canary-2', 'the one that the authority took last is not needed')
})

given('a process that is stopped in its renewal is waited for 95 seconds, and goes on with what others brought', async (w) => {
  const { server, opened, file, key } = w
  const spec = { name, oauth: { ...signedIn, authorityUrl: server.url } }
  const argument = JSON.stringify({ file, key: key.toString('base64'), url: server.url, spec })
  await w.change(({ access: _, ...record }) => record)
  const child = fork(join(import.meta.dirname, '../crash/asks.ts'), [argument], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  try {
    const first = firstHangs(server)
    const ended = once(child, 'close')
    await first.asked
    child.kill('SIGSTOP')
    first.answer()
    let waitedMs = 0
    const clock = {
      now: () => new Date(),
      async sleep(ms: number) {
        waitedMs += ms
      },
    }
    assert.is((await get(await opened({}, clock))).status, 200)
    assert.is(waitedMs, 95_000)
    child.kill('SIGCONT')
    assert.equal(await ended, [0, null])
    assert.is((await w.record()).refresh?.token, 'rt-canary-3')
  } finally {
    child.kill('SIGKILL')
  }
})

given('eight that meet a dead token endpoint ask as often as one would, and fail in the same words', async ({ opened, server }) => {
  // Time runs fifty times faster, the same for all.
  const [speed, began] = [50, performance.now()]
  const clock = {
    now: () => new Date(Date.parse('2026-03-01T08:00:00Z') + (performance.now() - began) * speed),
    sleep: (ms: number) => passing(ms / speed),
  }
  server.tokenAnswers.push(...Array.from({ length: 100 }, () => ({ status: 503, body: 'busy' })))
  const connections = await Promise.all(Array.from({ length: 8 }, () => opened({}, clock)))
  const errors = await Promise.all(connections.map((connection) => failure(get(connection))))
  assert.is(new Set(errors.map(({ code }) => code)).size, 1)
  assert.is(errors[0]?.code, 'token_endpoint_unavailable')
  assert.is(new Set(errors.map(({ message }) => message)).size, 1)
  // Each would ask six times by itself.
  assert.ok(server.tokenRequests.length <= 12, `${server.tokenRequests.length} requests`)
})

test.run()
