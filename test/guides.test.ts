import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { publicClientId } from '../connectors/dynamics365/sandbox/identity/directory.ts'
import { startSandbox } from '../connectors/dynamics365/sandbox/index.ts'
import { launchBrowser } from './support/browser.ts'
import { cli } from './support/cli.ts'
import { type Block, blocks, fileOf, isGuide, pages, root } from './support/documentation.ts'
import { freePort } from './support/free-port.ts'
import { type Person, signIn } from './support/sign-in.ts'
import { tempFolder } from './support/temp.ts'

/** Guides are followed by a newcomer who has nothing else: block after block, in an empty folder, with a sandbox in place of Microsoft. */
const test = suite<{ browser: Browser }>('guides')

test.before(async (context) => {
  context.browser = await launchBrowser()
})
test.after(async ({ browser }) => browser.close())

interface Place {
  cwd: string
  env: Record<string, string>
  /** With a browser. */
  person: Person
  /** The certificate goes to the app registration. */
  upload(pem: string): Promise<void>
}

for (const page of pages.filter(isGuide))
  test(page, async ({ browser }) => {
    const onPremises = page.includes('on-premises')
    const redirect = `http://localhost:${await freePort()}/`
    const data = [join(root, 'examples/import-customers/data/accounts.csv')]
    const sandbox = await startSandbox({ data, ...(onPremises && { tls: true, adfsRedirects: [redirect] }) })
    try {
      const { tenant, client_id, client_secret } = sandbox.settings as Record<string, string>
      // What the guides say is the reader's own.
      const own = {
        'https://contoso.crm4.dynamics.com': sandbox.url,
        'https://sales.contoso.com': sandbox.url,
        'adfs.contoso.com': new URL(sandbox.url).host,
        'http://localhost:54321/': redirect,
        '99999999-8888-7777-6666-555555555555': tenant!,
        '11111111-2222-3333-4444-555555555555': onPremises ? publicClientId : client_id!,
        'the-value-of-the-secret': client_secret!,
      }
      const [cwd, ca] = [tempFolder(), join(tempFolder(), 'ca.pem')]
      if (sandbox.ca) writeFileSync(ca, sandbox.ca)
      await follow(blocks(page), own, {
        cwd,
        env: sandbox.ca ? { NODE_EXTRA_CA_CERTS: ca } : {},
        async person({ address }) {
          const tab = await browser.newPage({ ignoreHTTPSErrors: true })
          await tab.goto(address)
          await tab.getByRole('button', { name: 'Sign in' }).click()
          await tab.getByRole('heading', { name: 'You are signed in' }).waitFor()
          await tab.close()
        },
        async upload(pem) {
          const answer = await fetch(`${sandbox.url}/sandbox/certificates`, { method: 'POST', body: JSON.stringify({ pem }) })
          assert.is(answer.status, 200)
        },
      })
      assert.is(readFileSync(join(cwd, 'accounts.jsonl'), 'utf8').trim().split('\n').length, 93)
    } finally {
      await sandbox.close()
    }
  })

async function follow(all: Block[], own: Record<string, string>, place: Place): Promise<void> {
  let printed = ''
  for (const block of all) {
    const text = Object.entries(own).reduce((so, [theirs, mine]) => so.replaceAll(theirs, mine), block.text)
    const file = fileOf(block)
    if (file) writeFileSync(join(place.cwd, file), text)
    else if (block.info === 'output') assert.ok(untimed(printed).endsWith(untimed(text)), printed)
    else if (block.language === 'sh') for (const line of text.trim().split('\n')) printed = await execute(line, place)
  }
}

/** How long a run took is another each time. */
const untimed = (text: string) => text.replaceAll(/\d+\.\d s/g, '… s')

async function execute(line: string, { cwd, env, person, upload }: Place): Promise<string> {
  const [program, ...args] = line.replace(/^npx /, '').split(' ')
  if (program === 'openssl') {
    await openssl(args, cwd)
    if (args[0] === 'x509') await upload(readFileSync(join(cwd, 'certificate.pem'), 'utf8'))
    return ''
  }
  if (program === 'chmod') {
    chmodSync(join(cwd, args[1]!), Number.parseInt(args[0]!, 8))
    return ''
  }
  assert.is(program, 'runner', `nothing else can be executed here: ${line}`)
  const { code, output } = args[0] === 'connect' ? await signIn(args.slice(1), { cwd, env, person }) : await told(args, cwd, env)
  assert.is(code, 0, `${line}\n${output}`)
  return output
}

async function told(args: string[], cwd: string, env: Record<string, string>) {
  const { code, stdout, stderr } = await cli(args, { cwd, env })
  return { code, output: stdout + stderr }
}

/** Or the same files where the machine has no such program. */
async function openssl(args: string[], cwd: string): Promise<void> {
  const { error, status, stderr } = spawnSync('openssl', args, { cwd, encoding: 'utf8' })
  if (!error) return assert.is(status, 0, stderr)
  const { cert, private: key } = await selfsigned.generate([{ name: 'commonName', value: 'runner' }], { keySize: 2048 })
  writeFileSync(join(cwd, 'runner.pem'), key + cert)
  writeFileSync(join(cwd, 'certificate.pem'), cert)
}

test.run()
