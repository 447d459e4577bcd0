import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import type { RunningSandbox } from '../../runner/connector/index.ts'
import { adfsSettings } from '../support/adfs-settings.ts'
import { launchBrowser } from '../support/browser.ts'
import { type CliOptions, cli } from '../support/cli.ts'
import { type Connecting, connecting } from '../support/connecting.ts'
import { freePort } from '../support/free-port.ts'
import { loopbackAddresses } from '../support/loopback.ts'
import { recipeFolder } from '../support/recipes.ts'

const test = suite<{ browser: Browser }>('runner connect, with a person at a browser')

test.before(async (context) => {
  context.browser = await launchBrowser()
})
test.after(async ({ browser }) => browser.close())

interface World {
  sandbox: RunningSandbox
  cwd: string
  /** A window of a browser that remembers nothing. */
  window: BrowserContext
  /** `runner connect` with the recipe of the folder; without a browser unless something else is said. */
  connect(args?: string[], options?: Partial<CliOptions>): Connecting & { address: Promise<string> }
  control(path: string, body?: unknown): Promise<void>
  /** Prints of another command of the program. */
  told(...args: string[]): Promise<string>
}

function given(name: string, body: (world: World) => Promise<void>, settings = entra): void {
  test(name, async ({ browser }) => {
    const sandbox = await startSandbox()
    const window = await browser.newContext()
    window.setDefaultTimeout(20_000)
    const secret = String(sandbox.settings.client_secret)
    const cwd = recipeFolder({ 'crm.connection.yaml': connectionFile(settings(sandbox)), 'recipe.yaml': recipe })
    const options = { cwd, env: { D365_CLIENT_SECRET: secret } }
    const started: Connecting[] = []
    try {
      await body({
        sandbox,
        cwd,
        window,
        connect(args = ['--no-browser'], { env = {}, ...more } = {}) {
          const one = connecting(['recipe.yaml', ...args], { ...options, ...more, env: { ...options.env, ...env } })
          started.push(one)
          const address = one.invited.then(({ address }) => address)
          // Not every sign-in gets as far as that.
          address.catch(() => {})
          return { ...one, address }
        },
        async control(path, order = {}) {
          const headers = { 'content-type': 'application/json' }
          const answer = await fetch(`${sandbox.url}/sandbox/${path}`, { method: 'POST', headers, body: JSON.stringify(order) })
          assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`)
        },
        async told(...args) {
          const { stdout, stderr } = await cli(args, options)
          return stdout + stderr
        },
      })
    } finally {
      for (const { interrupt } of started) interrupt()
      await Promise.all(started.map(({ ended }) => ended))
      await window.close()
      await sandbox.close()
    }
  })
}

const recipe = `name: Contacts
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_created, with: { table: contact } }
steps:
  - action: files.append
    with: { path: out.jsonl, row: { name: "\${{ trigger.fullname }}" } }
`

const entra = ({ settings }: RunningSandbox): Record<string, unknown> => ({ ...settings, auth: 'authorization_code' })
const adfs = (sandbox: RunningSandbox): Record<string, unknown> => ({ ...adfsSettings(sandbox), client_id: sandbox.settings.client_id })

function connectionFile(settings: Record<string, unknown>): string {
  const all = { name: 'CRM', connector: 'dynamics365', ...settings, client_secret: '${{ secrets.D365_CLIENT_SECRET }}' }
  return Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('')
}

/** The sign-in page of the authority, open. */
async function opened(window: BrowserContext, address: string): Promise<Page> {
  const page = await window.newPage()
  await page.goto(address)
  return page
}

const press = (page: Page, button: string) => page.getByRole('button', { name: button }).click()
const heading = (page: Page, title: string) => page.getByRole('heading', { name: title }).waitFor()
const words = (page: Page) => page.locator('main').innerText()
const redirectOf = (address: string) => new URL(new URL(address).searchParams.get('redirect_uri') as string)
const stateOf = (address: string) => new URL(address).searchParams.get('state') as string

given('sign-in page, wrong password first, consent, success; the connection then works as that person', async (world) => {
  const { window, connect, control, told } = world
  await control('consent/revoke')
  const { address, ended } = connect()
  const page = await opened(window, await address)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  await page.getByLabel('Password').fill('not the password')
  await press(page, 'Accept, and sign in')
  assert.match(await page.getByRole('alert').innerText(), /incorrect/)
  assert.match(await page.locator('body').innerText(), /permissions that you have not given/)
  await page.getByLabel('Password').fill(await passwordOf(window, await address))
  const clean = new URL('/', redirectOf(await address)).href
  const last = page.waitForResponse(clean)
  await press(page, 'Accept, and sign in')
  const { 'content-security-policy': policy, ...headers } = (await last).headers()
  await heading(page, 'You are signed in')
  assert.is(page.url(), clean, 'no code stays in the address bar')
  assert.match(policy!, /^default-src 'none'; style-src 'sha256-[^ ]+'; .*frame-ancestors 'none'$/)
  assert.equal([headers['cache-control'], headers['referrer-policy']], ['no-store', 'no-referrer'])
  assert.match(await words(page), /“CRM” now works as sandbox\.user@sandbox\.example/)
  assert.equal(problems, [])
  const { code, output } = await ended
  assert.is(code, 0, output)
  assert.match(
    output,
    /Signed in as sandbox\.user@sandbox\.example\.\nWithout use it lapses on \d{4}-\d\d-\d\d \d\d:\d\d UTC; every renewal/,
  )
  assert.match(await told('connections', 'test', 'recipe.yaml'), /"CRM" works: user 2d5c8b71-3fa6-4e24-907b-7c1fae6d3092 of organization/)
  await page.goBack()
  assert.match(page.url(), /\/authorize\?/, 'the answer is no entry of the history')
})

/** As the form holds it. */
async function passwordOf(window: BrowserContext, address: string): Promise<string> {
  const page = await opened(window, address)
  const password = await page.getByLabel('Password').inputValue()
  await page.close()
  return password
}

given('a browser is opened on the address, and the keyboard is enough', async ({ cwd, window, connect }) => {
  const opener = createServer().listen(0, '127.0.0.1')
  await once(opener, 'listening')
  const { port } = opener.address() as AddressInfo
  const bin = join(cwd, 'bin')
  mkdirSync(bin)
  const script = `#!${process.execPath}\nfetch('http://127.0.0.1:${port}', { method: 'POST', body: process.argv[2] })\n`
  writeFileSync(join(bin, 'xdg-open'), script)
  chmodSync(join(bin, 'xdg-open'), 0o755)
  const told = once(opener, 'request')
  const { ended } = connect([], {
    env: { PATH: `${bin}:${process.env.PATH}` },
    // A pipe in place of a terminal, which says that it is one.
    node: ['--import', 'data:text/javascript,process.stdout.isTTY = true'],
  })
  const [asked, answer] = await told
  let address = ''
  for await (const chunk of asked) address += chunk
  answer.end()
  opener.close()
  const page = await opened(window, address)
  // The focus comes with the first picture of the page.
  await page.locator(':focus').waitFor()
  await page.keyboard.press('Enter')
  await heading(page, 'You are signed in')
  const { code, output } = await ended
  assert.is(code, 0, output)
})

given(
  'consent declined: browser and terminal say so, nothing is kept, and an older sign-in stays',
  async ({ window, connect, told, control }) => {
    await control('consent/revoke')
    const declined = async () => {
      const { address, ended } = connect()
      const page = await opened(window, await address)
      await press(page, 'Cancel')
      await heading(page, 'You are not signed in')
      assert.match(await words(page), /access_denied: AADSTS65004: User declined to consent[\s\S]*Sign in again and consent/)
      assert.is(page.url(), new URL('/', redirectOf(await address)).href)
      const { code, output } = await ended
      assert.is(code, 1)
      assert.match(output, /The sign-in was refused: access_denied: AADSTS65004: .*Sign in again and consent.*\[sign_in_refused\]\n$/)
      assert.not.match(output, /Trace ID|at .*\.ts:\d+/)
    }
    await declined()
    assert.match(await told('connections'), /No sign-in is kept/)
    const { address, ended } = connect()
    await press(await opened(window, await address), 'Accept')
    assert.is((await ended).code, 0)
    await declined()
    assert.match(await told('connections'), /CRM\s+default\s+connected\s+sandbox\.user@/)
  },
)

given('another person signs in, into another environment too', async ({ window, connect, told, sandbox }) => {
  const other = await newUser(sandbox, 'jane.doe@sandbox.example')
  const signedInAs = async (user: string, ...args: string[]) => {
    const { address, ended } = connect(['--no-browser', ...args])
    const page = await opened(window, await address)
    await page.getByLabel('User name').fill(user)
    await press(page, 'Sign in')
    await heading(page, 'You are signed in')
    return { page: await words(page), ...(await ended) }
  }
  await signedInAs('sandbox.user@sandbox.example')
  const { page, output } = await signedInAs('jane.doe@sandbox.example')
  assert.match(output, /^Signed in already, as sandbox\.user@sandbox\.example\. A new sign-in takes its place\.\n/)
  for (const text of [page, output]) assert.match(text, /Mind: before, sandbox\.user@sandbox\.example had signed in/)
  assert.match(await told('connections', 'test', 'recipe.yaml'), new RegExp(`user ${other} of`))

  assert.not.match((await signedInAs('sandbox.user@sandbox.example', '--env', 'test')).output, /Mind|already/)
  assert.match(await told('connections'), /CRM\s+default\s+connected\s+jane\.doe@.*\nCRM\s+test\s+connected\s+sandbox\.user@/)
})

async function newUser({ url, settings }: RunningSandbox, name: string): Promise<string> {
  const { tenant, client_id, client_secret } = settings as Record<string, string>
  const grant = { grant_type: 'client_credentials', client_id: client_id!, client_secret: client_secret!, scope: `${url}/.default` }
  const token = await fetch(`${url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body: new URLSearchParams(grant) })
  const { access_token } = (await token.json()) as { access_token: string }
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json', prefer: 'return=representation' }
  const unit = await (await fetch(`${url}/api/data/v9.2/businessunits?$select=name`, { headers })).json()
  const { businessunitid } = (unit as { value: { businessunitid: string }[] }).value[0]!
  const user = { firstname: 'Jane', lastname: 'Doe', domainname: name, 'businessunitid@odata.bind': `/businessunits(${businessunitid})` }
  const made = await fetch(`${url}/api/data/v9.2/systemusers`, { method: 'POST', headers, body: JSON.stringify(user) })
  return ((await made.json()) as { systemuserid: string }).systemuserid
}

given('pages of others in the same browser neither end nor take the sign-in', async ({ window, connect }) => {
  const { address, ended } = connect()
  const redirect = redirectOf(await address)
  const paths = [
    '?code=stolen&state=guess',
    '?code=stolen',
    '?error=access_denied',
    '?error=access_denied&state=',
    '?state',
    '',
    '/',
    '/favicon.ico',
  ]
  const urls = [redirect.origin, redirect.origin.replace('localhost', '127.0.0.1')].flatMap((origin) =>
    paths.map((path) => `${origin}/${path}`),
  )
  const elements = urls.map((url) => `<iframe src="${url}"></iframe><img src="${url}">`).join('')
  const hostile = createServer((_, response) => response.end(`<!doctype html><title>prize</title>${elements}`)).listen(0, '127.0.0.1')
  await once(hostile, 'listening')
  const page = await opened(window, `http://127.0.0.1:${(hostile.address() as AddressInfo).port}`)
  await page.evaluate(
    (all) =>
      Promise.all(all.flatMap((url) => ['GET', 'HEAD', 'POST'].map((method) => fetch(url, { method, mode: 'no-cors' }).catch(String)))),
    urls,
  )
  const read = (url: string) =>
    page.evaluate(
      (one) =>
        fetch(one).then(
          () => 'read',
          () => 'not read',
        ),
      url,
    )
  assert.is(await read(redirect.href), 'not read')
  hostile.close()

  for (const [path, headers, status] of [
    [`/?code=x&state=${stateOf(await address)}`, { host: 'rebound.example' }, 421],
    [`/?code=x&state=${stateOf(await address)}`, { host: `rebound.example:${redirect.port}` }, 421],
    [`/elsewhere?code=x&state=${stateOf(await address)}`, {}, 404],
    ['//', {}, 404],
    ['http://rebound.example/', {}, 404],
  ] as const)
    assert.is(await sent(redirect, path, headers), status, path)

  const signIn = await opened(window, await address)
  await press(signIn, 'Sign in')
  await heading(signIn, 'You are signed in')
  assert.is((await ended).code, 0)
})

/** Over each loopback address, as no browser would. */
async function sent({ port }: URL, path: string, headers: Record<string, string>): Promise<number | undefined> {
  const statuses = await Promise.all(
    loopbackAddresses.map(async (host) => {
      const outgoing = request({ host, port, path, headers: { host: `localhost:${port}`, ...headers } }).end()
      const [answer] = await once(outgoing, 'response')
      answer.resume()
      return answer.statusCode as number
    }),
  )
  assert.is(new Set(statuses).size, 1)
  return statuses[0]
}

given(
  'a closed window is no end: the address can be opened again; a second tab comes too late; Ctrl+C is told in the browser',
  async (world) => {
    const { window, connect, control, told } = world
    await control('faults', { fault: 'latency', on: 'token', ms: 600_000 })
    const { address, ended, interrupt } = connect()
    await (await opened(window, await address)).close()
    const [first, second] = [await opened(window, await address), await opened(window, await address)]
    const clean = new URL('/', redirectOf(await address)).href
    const waits = first.waitForRequest(clean)
    await first.getByRole('button', { name: 'Sign in' }).click({ noWaitAfter: true })
    await waits
    await press(second, 'Sign in')
    await heading(second, 'Answered already')
    interrupt()
    await heading(first, 'The sign-in was stopped')
    const { code, output } = await ended
    assert.is(code, 1)
    assert.match(output, /Stopped: nobody was signed in, and what was kept before is unchanged\.\n$/)
    assert.not.match(output, /fault of the runner|at .*\.ts:\d+/)
    assert.match(await told('connections'), /No sign-in is kept/)
  },
)

given('what else the authority may send back', async ({ window, connect }) => {
  for (const [answer, shown] of [
    [{ error: 'access_denied', error_description: 'AADSTS90094: The grant requires admin permission.' }, /An administrator must consent/],
    [
      { error: 'server_error', error_description: '<b>\u001b[31mred\u0007</b>' },
      /server_error: <b> \[31mred <\/b> It may pass: start again/,
    ],
    [{ session_state: 'x' }, /no code: the browser came back with neither a code nor an error/],
  ] as [Record<string, string>, RegExp][]) {
    const { address, ended } = connect()
    const back = redirectOf(await address)
    back.search = new URLSearchParams({ ...answer, state: stateOf(await address) }).toString()
    const page = await opened(window, back.href)
    await heading(page, 'You are not signed in')
    assert.match(await words(page), shown)
    const { code, output } = await ended
    assert.is(code, 1)
    assert.match(output, shown)
    assert.match(output, /\[sign_in_refused\]\n$/)
  }
})

given(
  'AD FS: the redirect address to the letter, no consent, and a sign-in that use does not prolong',
  async ({ window, connect, cwd, sandbox, control, told }) => {
    assert.match((await connect().ended).output, /AD FS compares .* `redirect_uri`.*\[redirect_invalid\]/)
    const redirect_uri = `http://localhost:${await freePort()}/back`
    await control('adfs/redirects', { redirect_uri })
    writeFileSync(join(cwd, 'crm.connection.yaml'), connectionFile({ ...adfs(sandbox), redirect_uri }))
    const { address, ended } = connect()
    const page = await opened(window, await address)
    await press(page, 'Sign in')
    await heading(page, 'You are signed in')
    assert.is(page.url(), redirect_uri)
    const { code, output } = await ended
    assert.is(code, 0, output)
    assert.match(output, /Signed in as sandbox\.user@sandbox\.example\.\nIt ends on .* UTC, used or not: sign in again before then/)
    assert.match(await told('connections', 'test', 'recipe.yaml'), /"CRM" works/)
  },
  (sandbox) => ({ ...adfs(sandbox), redirect_uri: undefined }),
)

test.run()
