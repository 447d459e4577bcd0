import type { ValidateFunction } from 'ajv'
import { type ConnectorEntry, ConnectorError, keywords } from '../connector/index.ts'
import type { Secrets } from './secrets/index.ts'

export interface SettingsScope {
  env: Record<string, string>
  secrets: Secrets
}

/** A connection block as the recipe room compiles it. */
export interface WrittenSettings {
  settings: { render(scope: Record<string, unknown>): unknown }
  /** Absolute path of its file. */
  file: string
  references: readonly { of: 'secrets' | 'env'; name: string; field: string }[]
}

/**
 * The settings of a connection block: expressions replaced, then checked against what the connector declares. Secrets that it does not name are not looked up.
 * @throws ConnectorError `secret_missing`, `secret_source_failed`, `connection_invalid`; what the template throws for any other expression that fails
 */
export async function resolveSettings(
  block: WrittenSettings,
  entry: Pick<ConnectorEntry, 'name' | 'settings' | 'rules'>,
  scope: SettingsScope,
): Promise<Record<string, unknown>> {
  const settings = await render(block, scope)
  const problems = await problemsOf(settings, entry)
  if (problems.length > 0) {
    throw new ConnectorError(
      'rejected',
      'connection_invalid',
      `The ${entry.name} connection cannot be used: ${problems.join('; ')}. Correct the connection block.`,
      {
        details: { problems },
      },
    )
  }
  return settings as Record<string, unknown>
}

async function render(block: WrittenSettings, { env, secrets }: SettingsScope): Promise<unknown> {
  const values: Record<string, string> = {}
  const missing = new Map<string, string>()
  for (const { of, name, field } of block.references) {
    const found = of === 'secrets' ? await secrets.find(name) : undefined
    const where = `${of}.${name} (\`${field}\` in ${block.file})`
    if (found && 'value' in found) values[name] = found.value
    else if (found)
      missing.set(name, `${where}, which has no value. Looked in, in this order: ${found.looked.join(', ')}. Put it into one of them.`)
    else if (!Object.hasOwn(env, name)) missing.set(name, `${where}, which has no value. Set the environment variable ${name}.`)
  }
  try {
    return block.settings.render({ env, secrets: values })
  } catch (thrown) {
    const name = missingName(thrown, missing)
    if (name === undefined) throw thrown
    throw new ConnectorError('rejected', 'secret_missing', `The connection needs ${missing.get(name)}`, { details: { name } })
  }
}

/** An expression error says what failed but not why; the name it asked for and did not get is the cause in all but odd cases. */
function missingName(thrown: unknown, missing: ReadonlyMap<string, string>): string | undefined {
  const words = thrown instanceof Error && 'source' in thrown ? String(thrown.source).split(/[^\w-]+/) : []
  return [...missing.keys()].find((name) => words.includes(name))
}

async function problemsOf(settings: unknown, entry: Pick<ConnectorEntry, 'settings' | 'rules'>): Promise<string[]> {
  const { Ajv } = await import('ajv')
  const ajv = new Ajv({ meta: false, validateSchema: false, allErrors: true, strict: false, validateFormats: false })
  ajv.addVocabulary([...keywords, 'errorMessage'])
  const validate = ajv.compile(entry.settings)
  if (!validate(settings)) return [...new Set((validate.errors ?? []).map(sentence))]
  return entry.rules.filter((rule) => !ajv.validate(rule, settings)).map((rule) => String(rule.errorMessage).replace(/\.$/, ''))
}

/** Never quotes the value, which may be a secret. */
function sentence(error: NonNullable<ValidateFunction['errors']>[number]): string {
  const { instancePath, keyword, params, message } = error
  const field = instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'required') return `\`${[field, params.missingProperty].filter(Boolean).join('.')}\` is required`
  if (keyword === 'additionalProperties') return `\`${[field, params.additionalProperty].filter(Boolean).join('.')}\` is no field of it`
  if (keyword === 'enum') return `\`${field}\` must be one of ${(params.allowedValues as unknown[]).join(', ')}`
  return field === '' ? `it ${message}` : `\`${field}\` ${message}`
}
