import { type CheckContext, isObject } from '../recipe/context.ts'
import type { Path } from '../recipe/document.ts'
import { fits } from '../recipe/shape.ts'
import schema from './schema.json' with { type: 'json' }

const { secrets, store } = schema.properties
const forms = '`env`, `dotenv`, `folder: /run/secrets`, or `exec: [program, argument]`'

/**
 * Checks the places of secrets and of the store's key, and returns the file without them. What stands there in their stead may be a secret itself, so the
 * messages show no value.
 */
export function withoutPlaces(context: CheckContext, written: unknown): unknown {
  if (!isObject(written)) return written
  const rest: Record<string, unknown> = { ...written }
  if (Array.isArray(rest.secrets)) {
    for (const [index, place] of rest.secrets.entries())
      if (!fits(place, secrets.items)) unknown(context, ['secrets', index], `Write one of ${forms}.`)
    if (rest.secrets.length > 0) delete rest.secrets
  } else if (rest.secrets !== undefined) {
    unknown(context, ['secrets'], `Write a list of ${forms}, in the order in which they are to be asked.`)
    delete rest.secrets
  }
  if (isObject(rest.store) && rest.store.key !== undefined) {
    const { key, ...others } = rest.store
    if (!fits(key, store.properties.key)) unknown(context, ['store', 'key'], 'Write `file` or `keyring`, or set RUNNER_KEY.')
    rest.store = others
  }
  return rest
}

function unknown(context: CheckContext, path: Path, todo: string): void {
  context.problem(path, 'place_unknown', `This is no place that the runner knows. ${todo} A secret itself never stands here.`)
}
