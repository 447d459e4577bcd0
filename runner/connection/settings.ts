import type { ValidateFunction } from 'ajv'
import { type ConnectorEntry, ConnectorError, keywords } from '../connector/index.ts'

export interface SettingsScope {
  env: Record<string, string>
  secrets: Record<string, string>
}

/**
 * The settings of a connection block: expressions replaced, then checked against what the connector declares.
 * @throws ConnectorError `secret_missing`, `connection_invalid`; what the template throws for any other expression that fails
 */
export async function resolveSettings(
  template: { render(scope: Record<string, unknown>): unknown },
  entry: Pick<ConnectorEntry, 'name' | 'settings' | 'rules'>,
  scope: SettingsScope,
): Promise<Record<string, unknown>> {
  const settings = render(template, scope)
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

function render(template: { render(scope: Record<string, unknown>): unknown }, scope: SettingsScope): unknown {
  try {
    return template.render({ ...scope })
  } catch (thrown) {
    const missing = missingName(thrown, scope)
    if (missing === undefined) throw thrown
    const { room, name } = missing
    const where =
      room === 'secrets'
        ? `Set the environment variable ${name}, or add a line \`${name}=…\` to the .env file in the root`
        : `Set the environment variable ${name}`
    throw new ConnectorError('rejected', 'secret_missing', `The connection needs ${room}.${name}, which has no value. ${where}.`, {
      details: { name },
    })
  }
}

/** An expression error says what failed but not why; the name it asked for and did not get is the cause in all but odd cases. */
function missingName(thrown: unknown, scope: SettingsScope): { room: 'secrets' | 'env'; name: string } | undefined {
  const source = thrown instanceof Error && 'source' in thrown ? String(thrown.source) : ''
  for (const [, room, dotted, quoted] of source.matchAll(/\b(secrets|env)(?:\.([A-Za-z_]\w*)|\[["']([^"']+)["']\])/g)) {
    const name = dotted ?? quoted
    if ((room === 'secrets' || room === 'env') && name !== undefined && !Object.hasOwn(scope[room], name)) return { room, name }
  }
  return undefined
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
