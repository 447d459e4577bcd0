import { basename, dirname, resolve } from 'node:path'
import { compileTemplate, suggestion } from '../expression/index.ts'
import { CheckContext, isObject, own } from './context.ts'
import { type Path, readDocument } from './document.ts'
import { reportExpressions } from './expressions.ts'
import type { ConnectionBlock } from './recipe.ts'
import { referencesOf } from './references.ts'
import { literalSecrets, withoutSecrets } from './rules/literal-secret.ts'
import { lossyNumbers } from './rules/lossy-number.ts'
import { checkInput, checkShape, fits } from './shape.ts'
import skeleton from './skeleton.json' with { type: 'json' }

type Schema = Record<string, unknown>

/** Reads the text of a file that a recipe names; absolute path. */
export type Read = (path: string) => Promise<string>

/** Checks the connections of a recipe. Every file read on the way is handed to `onFile`. */
export async function checkConnections(
  context: CheckContext,
  recipe: Record<string, unknown>,
  read: Read,
  onFile: (path: string, text: string) => void,
): Promise<Record<string, ConnectionBlock>> {
  const blocks: Record<string, ConnectionBlock> = {}
  const wanted: [string, unknown, Path][] = []
  if (recipe.connection !== undefined) wanted.push(['main', recipe.connection, ['connection']])
  if (isObject(recipe.connections))
    for (const [name, value] of Object.entries(recipe.connections)) wanted.push([name, value, ['connections', name]])
  if (recipe.connection !== undefined && isObject(recipe.connections) && Object.hasOwn(recipe.connections, 'main')) {
    context.problem(['connections', 'main'], 'name_taken', '`main` is the name of the block under `connection`. Choose another name.', {
      key: true,
    })
  }
  for (const [name, value, path] of wanted) {
    const block =
      typeof value === 'string'
        ? await fromFile(context, value, path, read, onFile)
        : checkBlock(context, value, path, name === 'main' ? undefined : name)
    if (block) blocks[name] = block
  }
  return blocks
}

async function fromFile(
  context: CheckContext,
  name: string,
  path: Path,
  read: Read,
  onFile: (path: string, text: string) => void,
): Promise<ConnectionBlock | undefined> {
  const file = resolve(dirname(context.document.file), name)
  let text: string
  try {
    text = await read(file)
  } catch {
    context.problem(path, 'file_missing', `There is no file ${name} beside this one. Correct the path, or write the block here.`)
    return undefined
  }
  onFile(file, text)
  return checkConnectionText(file, text, context)
}

/** Checks a file that holds just a connection block. */
export function checkConnectionText(
  file: string,
  text: string,
  { catalog, problems }: Pick<CheckContext, 'catalog' | 'problems'>,
): ConnectionBlock | undefined {
  const document = readDocument(file, text)
  problems.push(...document.problems)
  if (document.problems.length > 0) return undefined
  return checkBlock(new CheckContext(document, catalog, problems), document.value, [], basename(file).replace(/\.connection\.ya?ml$/, ''))
}

/** Checks a connection block: its connector, its settings, the rules between them, and that secrets are references. */
function checkBlock(context: CheckContext, value: unknown, path: Path, defaultName?: string): ConnectionBlock | undefined {
  if (!isObject(value)) {
    context.problem(
      path,
      'wrong_type',
      'A connection is a mapping with `connector` and its settings, or the path of a file that holds one.',
    )
    return undefined
  }
  const { connector, name, ...settings } = value
  const before = context.problems.length
  checkShape(context, { ...(connector !== undefined && { connector }), ...(name !== undefined && { name }) }, skeleton.connectionHead, path)
  const entry = typeof connector === 'string' ? own(context.catalog, connector) : undefined
  if (!entry) {
    if (typeof connector === 'string')
      context.problem(
        [...path, 'connector'],
        'unknown_connector',
        `There is no connector \`${connector}\`.${suggestion(connector, Object.keys(context.catalog))}`,
      )
    return undefined
  }
  // Secrets have one rule of their own, which never shows them.
  const shown = withoutSecrets(settings, entry.settings)
  const wellFormed = checkInput(context, shown, withHead(entry.settings), path)
  literalSecrets(context, settings, entry.settings, path)
  lossyNumbers(context, shown, path)
  // A misspelt field would break rules, too.
  if (wellFormed) brokenRules(context, settings, entry.rules, path)
  const { template, problems } = compileTemplate(settings, { scope: { env: {}, secrets: {} }, schema: entry.settings })
  reportExpressions(context, problems, path)
  if (context.problems.length > before) return undefined
  return {
    connector: entry.name,
    name: typeof name === 'string' ? name : (defaultName ?? entry.name),
    file: context.document.file,
    folder: dirname(context.document.file),
    references: referencesOf(settings),
    settings: template,
  }
}

/** Unknown keys are suggested from the settings and the two keys of every block. */
const heads = new WeakMap<Schema, Schema>()
function withHead(settings: Schema): Schema {
  let schema = heads.get(settings)
  if (!schema) {
    schema = { ...settings, properties: { ...(settings.properties as Schema), connector: {}, name: {} } }
    heads.set(settings, schema)
  }
  return schema
}

/** Rules between settings carry their own sentence; the first setting of the block that it names is the place. */
function brokenRules(context: CheckContext, settings: Schema, rules: Schema[], path: Path): void {
  for (const rule of rules) {
    if (fits(settings, rule)) continue
    const { errorMessage } = rule
    const named = [...String(errorMessage).matchAll(/`(\w+)[`:]/g)].map(([, key = '']) => key).find((key) => Object.hasOwn(settings, key))
    context.problem(named === undefined ? path : [...path, named], 'settings_conflict', String(errorMessage), { key: true })
  }
}
