import { type AnyAction, type AnyTrigger, type Catalog, ConnectorError, type OperationEntry } from '../connector/index.ts'

/** An operation ready to run: its code, and a check of its input against the declared schema. */
export interface Loaded<Operation> {
  operation: Operation
  entry: OperationEntry
  /** @throws ConnectorError `rejected`, `invalid_input` naming the field */
  checkInput(input: unknown): void
}

export interface Operations {
  action(name: string): Promise<Loaded<AnyAction>>
  trigger(name: string): Promise<Loaded<AnyTrigger>>
}

/** Loads operations when they are first used, once per process. */
export function loadOperations(catalog: Catalog): Operations {
  const loaded = new Map<string, Promise<Loaded<AnyAction | AnyTrigger>>>()
  const load = (name: string) => {
    let promise = loaded.get(name)
    if (!promise) {
      promise = loadOperation(catalog, name)
      loaded.set(name, promise)
    }
    return promise
  }
  return {
    action: (name) => load(name) as Promise<Loaded<AnyAction>>,
    trigger: (name) => load(name) as Promise<Loaded<AnyTrigger>>,
  }
}

async function loadOperation(catalog: Catalog, name: string): Promise<Loaded<AnyAction | AnyTrigger>> {
  const entry = catalog[name.slice(0, name.indexOf('.'))]?.operations[name]
  if (!entry) throw new ConnectorError('bug', 'bug', `There is no operation ${name}; validation should have found that.`)
  const [operation, checkInput] = await Promise.all([entry.load(), inputCheck(name, entry.input)])
  return { operation, entry, checkInput }
}

/** Fields rendered per row are functions by now; what they yield is the action's to judge. */
function withoutPerRow(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>
  return {
    ...schema,
    properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, 'x-per-row' in field ? {} : field])),
  }
}

async function inputCheck(name: string, schema: Record<string, unknown>): Promise<(input: unknown) => void> {
  const { Ajv } = await import('ajv')
  const validate = new Ajv({ strict: false, meta: false, validateSchema: false }).compile(withoutPerRow(schema))
  return (input) => {
    if (validate(input)) return
    const error = validate.errors?.[0]
    const place = error?.instancePath ? `\`with${error.instancePath.replaceAll('/', '.')}\`` : '`with`'
    throw new ConnectorError(
      'rejected',
      'invalid_input',
      `The values computed for ${name} do not fit: ${place} ${error?.message}. Correct the expression, or guard the step with \`if\`.`,
    )
  }
}
