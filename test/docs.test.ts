import { once } from 'node:events'
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalog } from '../connectors/catalog.ts'
import { checkConnectionFile, checkRecipe } from '../runner/recipe/index.ts'
import { readSettings } from '../runner/settings/index.ts'
import { cli, startCli } from './support/cli.ts'
import { type Block, blocks, isGuide, pages, root } from './support/documentation.ts'
import { appConnection } from './support/recipes.ts'
import { sandboxProcess } from './support/sandbox.ts'
import { signIn } from './support/sign-in.ts'
import { tempFolder } from './support/temp.ts'

/** Every YAML and shell block of the documentation is executed. */
const test = suite('documentation')

/** A copy of the project's examples with a root of its own. */
function workplace(): string {
  const folder = tempFolder()
  cpSync(join(root, 'examples'), join(folder, 'examples'), { recursive: true })
  writeFileSync(join(folder, 'runner.yaml'), '')
  return folder
}

for (const page of pages) {
  const guide = isGuide(page)
  for (const [index, block] of blocks(page).entries()) {
    // The rest of a guide belongs together; `guides.test.ts` follows it.
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
  if (info === 'runner.yaml') return settingsBlock(text)
  const connection = info.startsWith('connection')
  const file = join(tempFolder(), connection ? 'x.connection.yaml' : 'x.recipe.yaml')
  writeFileSync(file, text)
  const { problems } = connection ? await checkConnectionFile(file, { catalog }) : await checkRecipe(file, { catalog })
  assert.equal(problems, [])
}

async function settingsBlock(text: string): Promise<void> {
  const file = join(tempFolder(), 'runner.yaml')
  writeFileSync(file, text)
  assert.equal((await readSettings(file)).problems, [])
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
