import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const rules = suite('import rules')

/** Which room may import which, itself always included. A room that is not listed (tests, schemas, examples) may import all, and nobody listed may import it. */
const allowed: Record<string, string[]> = {
  'runner/expression': [],
  'runner/connector': [],
  'runner/store': [],
  'runner/connection': ['runner/connector'],
  'runner/recipe': ['runner/expression', 'runner/connector'],
  'runner/settings': ['runner/recipe', 'runner/connection', 'runner/connector'],
  'runner/engine': ['runner/recipe', 'runner/expression', 'runner/connection', 'runner/connector', 'runner/store'],
  'runner/commands': [
    'runner/engine',
    'runner/settings',
    'runner/recipe',
    'runner/expression',
    'runner/connection',
    'runner/connector',
    'runner/store',
  ],
  'runner/cli.ts': ['runner/commands', 'connectors/catalog.ts'],
  'runner/bin.js': ['runner/cli.ts'],
}

/** `connectors/dynamics365`, `runner/engine`, `runner/cli.ts`, `test`: the second level where it matters, else the first. */
function roomOf(path: string): string {
  const [first = '', second] = path.split('/')
  return second !== undefined && (first === 'runner' || first === 'connectors') ? `${first}/${second}` : first
}

function mayImport(room: string): string[] | undefined {
  if (room === 'connectors/catalog.ts') return undefined
  return room.startsWith('connectors/') ? ['runner/connector'] : allowed[room]
}

/** `import … from 'x'`, `export … from 'x'`, `import 'x'`, `import('x')`, `typeof import('x')`. */
const specifier = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(['"`])([^'"`\n]+)\1/g

/** Imports that the rules forbid, as sentences. Paths are `/`-separated and start at the project's root. */
function violations(file: string, source: string): string[] {
  const room = roomOf(file)
  const others = mayImport(room)
  if (!others) return []
  const targets = [...source.matchAll(specifier)].map(([, , name]) => name as string).filter((name) => name.startsWith('.'))
  return targets.flatMap((name) => {
    const target = roomOf(posix.join(posix.dirname(file), name))
    return target === room || others.includes(target) ? [] : [`${file}: ${room} may not import ${target} (${name})`]
  })
}

rules('hold in every file', () => {
  const files = globSync('{runner,connectors}/**/*.{ts,js}').map((file) => file.replaceAll('\\', '/'))
  assert.ok(files.length > 50)
  assert.equal(
    files.flatMap((file) => violations(file, readFileSync(file, 'utf8'))),
    [],
  )
})

rules('every room of the runner has a rule', () => {
  const rooms = new Set(globSync('runner/**/*.{ts,js}').map((file) => roomOf(file.replaceAll('\\', '/'))))
  assert.equal(
    [...rooms].filter((room) => !mayImport(room)),
    [],
  )
})

rules('a forbidden import is found in each of its forms', () => {
  const forms = [
    "import { store } from '../store/index.ts'",
    "import type { Store } from '../store/store.ts'",
    "import {\n  a,\n  b,\n} from '../store/index.ts'",
    "import '../store/index.ts'",
    'export * from "../store/index.ts"',
    "export type { Store } from '../store/index.ts'",
    "const { open } = await import('../store/index.ts')",
    'const late = () => import(\n  `../store/index.ts`\n)',
    "type Open = typeof import('../store/index.ts').open",
  ]
  for (const form of forms) assert.is(violations('runner/recipe/read.ts', form).length, 1, form)
})

rules('each room is held to its own list', () => {
  const cases: [string, string, boolean][] = [
    ['runner/expression/check.ts', '../connector/index.ts', false],
    ['runner/expression/functions/text.ts', '../value.ts', true],
    ['runner/connector/schema.ts', '../recipe/schema.ts', false],
    ['runner/store/sqlite/open.ts', '../../connector/index.ts', false],
    ['runner/connection/open.ts', '../connector/index.ts', true],
    ['runner/connection/open.ts', '../store/index.ts', false],
    ['runner/recipe/read.ts', '../expression/index.ts', true],
    ['runner/settings/check.ts', '../recipe/shape.ts', true],
    ['runner/settings/check.ts', '../store/index.ts', false],
    ['runner/recipe/check.ts', '../settings/index.ts', false],
    ['runner/engine/cycle.ts', '../store/index.ts', true],
    ['runner/engine/cycle.ts', '../commands/run.ts', false],
    ['runner/engine/cycle.ts', '../../connectors/catalog.ts', false],
    ['runner/commands/run.ts', '../engine/index.ts', true],
    ['runner/commands/run.ts', '../../connectors/catalog.ts', false],
    ['runner/commands/run.ts', '../../test/support/cli.ts', false],
    ['runner/cli.ts', '../connectors/catalog.ts', true],
    ['runner/cli.ts', '../connectors/dynamics365/connection.ts', false],
    ['connectors/files/rows/poll.ts', '../../../runner/connector/index.ts', true],
    ['connectors/files/rows/poll.ts', '../../../runner/engine/index.ts', false],
    ['connectors/files/connection.ts', '../dynamics365/connection.ts', false],
    ['connectors/catalog.ts', './files/connection.ts', true],
    ['schemas/generate.ts', '../runner/recipe/schema.ts', true],
  ]
  for (const [file, name, good] of cases)
    assert.is(violations(file, `import { x } from '${name}'`).length === 0, good, `${file} -> ${name}`)
})

rules('packages and built-in modules are not its matter', () => {
  assert.equal(violations('runner/store/open.ts', "import { join } from 'node:path'\nimport { sql } from 'kysely'"), [])
})

rules.run()
