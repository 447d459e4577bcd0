import { Ajv, type ErrorObject } from 'ajv'
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { scenarioSchema } from './schema.ts'

export type Path = readonly (string | number)[]

/** A YAML file with the places of its values. */
export interface ScenarioDocument {
  value: Record<string, unknown>
  /** `file:line:column` of a value. */
  place(path: Path): string
  /** Mistakes with their places, in their order. */
  mistakes: string[]
}

/** Reads a scenario and checks it against its schema. */
export function readDocument(text: string, file: string): ScenarioDocument {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, version: '1.2', prettyErrors: false })
  const at = (offset: number) => {
    const { line, col } = counter.linePos(offset)
    return `${file}:${line || 1}:${col || 1}`
  }
  const place = (path: Path) => at(offsetOf(document, path))
  const broken = [...document.errors, ...document.warnings].map(({ message, pos }) => `${at(pos[0])}: This is no YAML: ${message}.`)
  if (broken.length > 0) return { value: {}, place, mistakes: broken }
  try {
    const value: unknown = document.toJS() ?? {}
    const mistakes = errorsOf(value).map((error) => {
      const { path, key, message } = mistake(error)
      return { offset: offsetOf(document, path, key), message }
    })
    mistakes.sort((one, other) => one.offset - other.offset)
    return {
      value: value as Record<string, unknown>,
      place,
      mistakes: mistakes.map(({ offset, message }) => `${at(offset)}: ${message}`),
    }
  } catch (error) {
    // Aliases are resolved only here.
    if (!(error instanceof ReferenceError)) throw error
    return { value: {}, place, mistakes: [`${at(0)}: ${error.message}`] }
  }
}

/** Where a value begins, or the key that holds it; of what is not there, where the value that lacks it begins. */
function offsetOf(document: Document, path: Path, key?: 'key'): number {
  const node = (key && keyNode(document.getIn(path.slice(0, -1), true), path.at(-1))) ?? (document.getIn(path, true) as Node | undefined)
  if (node?.range) return node.range[0]
  return path.length > 0 ? offsetOf(document, path.slice(0, -1)) : 0
}

function keyNode(parent: unknown, name: string | number | undefined): Node | undefined {
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === name) : undefined
  return pair?.key as Node | undefined
}

function errorsOf(value: unknown): ErrorObject[] {
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, meta: false, validateSchema: false })
  const validate = ajv.compile(scenarioSchema)
  const errors = validate(value) ? [] : (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if')
  // Of a value of another type nothing else needs saying.
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath))
  return errors.filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath))
}

interface Mistake {
  path: Path
  key?: 'key'
  message: string
}

function mistake({ keyword, instancePath, params, message, parentSchema, data }: ErrorObject): Mistake {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const name = path.at(-1)
  const here = name === undefined ? 'The file' : typeof name === 'number' ? `Item ${name + 1}` : `\`${name}\``
  const { properties = {}, examples: [example] = [] } = (parentSchema ?? {}) as { properties?: object; examples?: string[] }
  const like = example === undefined ? '' : `; write it like \`${example}\``
  switch (keyword) {
    case 'additionalProperties': {
      const unknown = String(params.additionalProperty)
      return {
        path: [...path, unknown],
        key: 'key',
        message: `There is no key \`${unknown}\` here. There are ${Object.keys(properties).join(', ')}.`,
      }
    }
    case 'required':
      return { path, message: `${here} needs \`${params.missingProperty}\`.` }
    case 'type':
      return {
        path,
        message: `${here} must be ${[params.type]
          .flat()
          .map((type) => names[type] ?? type)
          .join(' or ')}${like}.`,
      }
    case 'enum':
      return { path, message: `${here} cannot be \`${String(data)}\`. It can be ${params.allowedValues.join(', ')}.` }
    case 'minLength':
      return { path, message: `${here} must not be empty.` }
    case 'minimum':
    case 'maximum':
      return { path, message: `${here} must be at ${keyword === 'minimum' ? 'least' : 'most'} ${params.limit}.` }
    default:
      return { path, message: `${here} ${message}${like}.` }
  }
}

const names: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
}
