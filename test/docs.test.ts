import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalog } from '../connectors/catalog.ts'
import { publicClientId } from '../connectors/dynamics365/sandbox/identity/directory.ts'
import { startSandbox } from '../connectors/dynamics365/sandbox/index.ts'
import { checkConnectionFile, checkRecipe } from '../runner/recipe/index.ts'
import { launchBrowser } from './support/browser.ts'
import { cli, startCli } from './support/cli.ts'
import { freePort } from './support/free-port.ts'
import { appConnection } from './support/recipes.ts'
import { sandboxProcess } from './support/sandbox.ts'
import { type Person, signIn } from './support/sign-in.ts'
import { tempFolder } from './support/temp.ts'

/** Every YAML and shell block of the documentation is executed. */
const root = join(import.meta.dirname, '..')
const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }), ...globSync('examples/*/README.md', { cwd: root })]
const test = suite('documentation')

interface Block {
  language: string
  info: string
  text: string
}

function blocks(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^( *)```(\w+) *([^\n]*)\n([\s\S]*?)^\1```$/gm)].map(([, indent = '', language = '', info = '', body = '']) => ({
    language,
    info: info.trim(),
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/** A copy of the project's examples with a root of its own. */
function workplace(): string {
  const folder = tempFolder()
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
  writeFileSync(join(folder, 'runner.yaml'), '')
  return folder
}

/** The file that a reader writes a block to: such pages are followed as a whole. */
const fileOf = ({ info }: Block) => /(?:^| )as=(\S+)/.exec(info)?.[1]

for (const page of pages) {
  const guide = blocks(page).some(fileOf)
  if (guide) test(`${page}: a newcomer follows it from top to bottom`, () => follow(page))
  for (const [index, block] of blocks(page).entries()) {
    if (guide && block.language !== 'text' && !block.info.startsWith('connection')) continue
    const name = `${page} block ${index + 1}`
    if (block.language === 'yaml') test(`${name}: YAML`, () => yamlBlock(block))
    else if (block.language === 'sh') test(`${name}: shell`, () => shellBlock(block))
    else
      test(`${name}: ${block.language}`, () =>
        assert.ok(['text'].includes(block.language), 'only yaml, sh and text stand in the documentation'))
  }
}

async function yamlBlock({ info, text }: Block): Promise<void> {
  if (info.startsWith('file=')) return assert.is(text, readFileSync(join(root, info.slice(5)), 'utf8'))
  const connection = info.startsWith('connection')
  const file = join(tempFolder(), connection ? 'x.connection.yaml' : 'x.recipe.yaml')
  writeFileSync(file, text)
  const { problems } = connection ? await checkConnectionFile(file, { catalog }) : await checkRecipe(file, { catalog })
  assert.equal(problems, [])
}

async function shellBlock({ text }: Block): Promise<void> {
  const cwd = workplace()
  const needsOrganization = /runner (connect|run) recipe\.yaml/.test(text)
  const sandbox = needsOrganization ? await sandboxProcess(tempFolder()) : undefined
  try {
    if (sandbox) writeRecipe(cwd)
    for (const line of text.trim().split('\n')) await shellLine(line, cwd, sandbox?.env ?? {})
  } finally {
    await sandbox?.close()
  }
}

/** What the reader's `recipe.yaml` would be. */
function writeRecipe(cwd: string): void {
  const delegated = appConnection.replace('auth: client_credentials\n', '')
  const block = delegated.replaceAll(/^/gm, '  ').trimEnd()
  const rest =
    'trigger: { type: dynamics365.record_created, with: { table: contact } }\nsteps:\n  - action: files.append\n    with: { path: out.jsonl, row: { name: "${{ trigger.fullname }}" } }\n'
  writeFileSync(join(cwd, 'recipe.yaml'), `name: x\nconnection:\n${block}\n${rest}`)
}

async function shellLine(line: string, cwd: string, env: Record<string, string>): Promise<void> {
  // The two set-up lines are what runs this test, and the demo has a test of its own.
  if (/^npm ci && npm (run demo|test)$/.test(line)) return
  const [, command] = /^npx runner (.+)$/.exec(line) ?? []
  assert.ok(command, `only \`npx runner\` can be executed here: ${line}`)
  const args = command.split(' ')
  const { code, output } = await execute(args, cwd, env)
  assert.is(code, 0, `${line}\n${output}`)
}

function execute(args: string[], cwd: string, env: Record<string, string>) {
  if (args[0] === 'connect') return signIn(args.slice(1), { cwd, env })
  return args[0] === 'sandbox' ? served(args, cwd) : plain(args, cwd, env)
}

/** A sandbox is stopped when it has told where it is. */
async function served(args: string[], cwd: string) {
  const child = startCli(args, { cwd })
  let output = ''
  child.stderr?.on('data', (chunk) => (output += chunk))
  child.stdout?.on('data', (chunk) => {
    output += chunk
    child.kill('SIGTERM')
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

async function plain(args: string[], cwd: string, env: Record<string, string>) {
  const { code, stdout, stderr } = await cli(args, { cwd, env })
  return { code, output: stdout + stderr }
}

interface Place {
  cwd: string
  env: Record<string, string>
  /** With a browser. */
  person: Person
  /** The certificate goes to the app registration. */
  upload(pem: string): Promise<void>
}

/** In one empty folder, with a sandbox in place of Microsoft and only the values replaced that the guide says are the reader's own. */
async function follow(page: string): Promise<void> {
  const onPremises = page.includes('on-premises')
  const redirect = `http://localhost:${await freePort()}/`
  const data = [join(root, 'examples/import-customers/data/accounts.csv')]
  const sandbox = await startSandbox({ data, ...(onPremises && { tls: true, adfsRedirects: [redirect] }) })
  const browser = await launchBrowser()
  try {
    const { tenant, client_id, client_secret } = sandbox.settings as Record<string, string>
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
    await walk(blocks(page), own, {
      cwd,
      env: sandbox.ca ? { NODE_EXTRA_CA_CERTS: ca } : {},
      async person({ address }) {
        const tab = await browser.newPage({ ignoreHTTPSErrors: true })
        await tab.goto(address)
        await tab.getByRole('button', { name: 'Sign in' }).click()
        await tab.getByRole('heading', { name: 'You are signed in' }).waitFor()
      },
      async upload(pem) {
        const answer = await fetch(`${sandbox.url}/sandbox/certificates`, { method: 'POST', body: JSON.stringify({ pem }) })
        assert.is(answer.status, 200)
      },
    })
    assert.is(readFileSync(join(cwd, 'accounts.jsonl'), 'utf8').trim().split('\n').length, 93)
  } finally {
    await browser.close()
    await sandbox.close()
  }
}

async function walk(all: Block[], own: Record<string, string>, place: Place): Promise<void> {
  let printed = ''
  for (const block of all) {
    const text = Object.entries(own).reduce((so, [theirs, mine]) => so.replaceAll(theirs, mine), block.text)
    const file = fileOf(block)
    if (file) writeFileSync(join(place.cwd, file), text)
    else if (block.info === 'output') assert.ok(untimed(printed).endsWith(untimed(text)), printed)
    else if (block.language === 'sh') for (const line of text.trim().split('\n')) printed = await guideLine(line, place)
  }
}

/** How long a run took is another each time. */
const untimed = (text: string) => text.replaceAll(/\d+\.\d s/g, '… s')

async function guideLine(line: string, { cwd, env, person, upload }: Place): Promise<string> {
  const [program, ...args] = line.replace(/^npx /, '').split(' ')
  if (program === 'openssl') {
    execFileSync(program, args, { cwd, stdio: 'ignore' })
    const pem = ['key.pem', 'certificate.pem'].map((name) => readFileSync(join(cwd, name), 'utf8'))
    env.D365_CLIENT_CERTIFICATE = pem.join('')
    await upload(pem[1]!)
    return ''
  }
  assert.is(program, 'runner')
  const { code, output } = args[0] === 'connect' ? await signIn(args.slice(1), { cwd, env, person }) : await plain(args, cwd, env)
  assert.is(code, 0, `${line}\n${output}`)
  return output
}

test('pages link only to files that are there', () => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      const path = relative(root, join(root, page, '..', target))
      assert.ok(globSync(path, { cwd: root }).length > 0, `${page} links to ${target}`)
    }
  }
})

test.run()
