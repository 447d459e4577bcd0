import type { ConnectorEntry, OperationEntry } from '../connector/index.ts'
import { editorObject, markdown, type PlainSchema, when, words } from './editor-field.ts'

/** What the editor schemas take from the catalog; no code is loaded for them. */
export type EditorCatalog = Record<
  string,
  Omit<ConnectorEntry, 'load' | 'operations'> & { operations: Record<string, Omit<OperationEntry, 'load'>> }
>

/** What `schema.ts` declares, as plain data (`skeleton.json`). */
export type Skeleton = Record<'recipe' | 'trigger' | 'actionStep' | 'ifStep' | 'forEachStep' | 'connectionHead', PlainSchema>

type Operations = [name: string, operation: Omit<OperationEntry, 'load'>][]

/**
 * The JSON Schemas (draft-07) that editors complete and check recipes and connection files with: the skeleton, and for each operation and connector one
 * flat `if`/`then` that says what stands under `with` or in the block.
 */
export function editorSchema(catalog: EditorCatalog, skeleton: Skeleton): { recipe: PlainSchema; connection: PlainSchema } {
  const operations: Operations = Object.values(catalog).flatMap((connector) => Object.entries(connector.operations))
  const triggers = operations.filter(([, { kind }]) => kind === 'trigger')
  const actions = operations.filter(([, { kind }]) => kind === 'action')
  const block = connectionBlock(catalog, skeleton.connectionHead)
  const { properties, ...recipe } = markdown(skeleton.recipe) as PlainSchema & { properties: Record<string, PlainSchema> }
  const inline = {
    ...properties.connection,
    ...block,
    type: ['object', 'string'],
    ...texts(properties.connection),
  }
  return {
    recipe: {
      $schema: draft,
      ...recipe,
      properties: {
        ...properties,
        connection: { $ref: '#/definitions/connection' },
        connections: { ...properties.connections, additionalProperties: { $ref: '#/definitions/connection' } },
        trigger: operationBlock(skeleton.trigger, 'type', triggers),
      },
      patternProperties: { '^x-': {} },
      definitions: { connection: inline, step: stepSchema(skeleton, actions) },
    },
    connection: { $schema: draft, ...block },
  }
}

/** What editors take every schema for. */
export const draft = 'http://json-schema.org/draft-07/schema#'

/** A mapping that names an operation under `key` and holds its input under `with`. */
function operationBlock(skeleton: PlainSchema, key: 'type' | 'action', operations: Operations): PlainSchema {
  const { properties, ...block } = markdown(skeleton) as PlainSchema & { properties: Record<string, PlainSchema> }
  const names = operations.map(([name, { title, description }]) => ({ name, text: `**${title}.** ${description}` }))
  return {
    ...block,
    properties: { ...properties, [key]: words(properties[key], names), with: texts(properties.with) },
    allOf: operations.map(([name, { input, examples }]) =>
      whenNamed(key, name, {
        properties: { with: { ...editorObject(input), ...texts(properties.with), defaultSnippets: inputSnippets(examples) } },
        ...(hasRequired(input) && { required: ['with'] }),
      }),
    ),
  }
}

/** Only of a mapping: of a text, such as the path of a connection file, every `required` holds. */
function whenNamed(key: string, name: string, demand: PlainSchema): PlainSchema {
  return when({ type: 'object', properties: { [key]: { const: name } }, required: [key] }, demand)
}

/**
 * Decided by the key that a step has, so that an editor judges it as one kind and gives one diagnostic per mistake.
 * The condition names the type too: a step that is still empty is no mapping, and `required` alone would call it an action.
 */
function stepSchema(skeleton: Skeleton, actions: Operations): PlainSchema {
  const kinds: [key: string, schema: PlainSchema][] = [
    ['action', operationBlock(skeleton.actionStep, 'action', actions)],
    ['for_each', markdown(skeleton.forEachStep)],
    ['then', markdown(skeleton.ifStep)],
  ]
  const undecided = {
    properties: Object.assign({}, ...kinds.toReversed().map(([, schema]) => schema.properties)),
    required: ['action'],
    errorMessage: 'A step has one of the keys `action`, `for_each`, or `if` with `then`.',
  }
  return {
    type: 'object',
    title: 'Step',
    defaultSnippets: stepSnippets(actions),
    ...kinds.reduceRight<PlainSchema>(
      (otherwise, [key, schema]) => when({ type: 'object', required: [key] }, schema, otherwise),
      undecided,
    ),
  }
}

function connectionBlock(catalog: EditorCatalog, head: PlainSchema): PlainSchema {
  const { properties, ...block } = markdown(head) as PlainSchema & { properties: Record<string, PlainSchema> }
  const connectors = Object.values(catalog)
  const names = connectors.map(({ name, title, description }) => ({ name, text: `**${title}.** ${description}` }))
  return {
    ...block,
    properties: { ...properties, connector: words(properties.connector, names) },
    allOf: connectors.map(({ name, settings, rules }) => {
      const {
        properties: fields,
        type: _,
        ...rest
      } = editorObject({ ...settings, allOf: [...((settings.allOf as PlainSchema[] | undefined) ?? []), ...rules] })
      return whenNamed('connector', name, { ...rest, properties: { connector: {}, name: {}, ...(fields as PlainSchema) } })
    }),
  }
}

function hasRequired({ required }: PlainSchema): boolean {
  return Array.isArray(required) && required.length > 0
}

function texts({ title, description, markdownDescription }: PlainSchema = {}): PlainSchema {
  return { title, description, markdownDescription }
}

function inputSnippets(examples: OperationEntry['examples']): PlainSchema[] {
  return examples.map(({ name, input, note }) => ({ label: name, ...(note !== undefined && { description: note }), body: literal(input) }))
}

function stepSnippets(actions: Operations): PlainSchema[] {
  const fields = ({ required }: PlainSchema) =>
    Object.fromEntries(((required ?? []) as string[]).map((name, index) => [name, `$${index + 1}`]))
  return [
    ...actions.map(([name, { title, input }]) => ({ label: name, description: title, body: { action: name, with: fields(input) } })),
    { label: 'if … then', description: 'A branch', body: { if: '\\${{ $1 }}', then: [{ action: '$2' }] } },
    { label: 'for each', description: 'Steps for each value of a list', body: { for_each: '\\${{ $1 }}', do: [{ action: '$2' }] } },
  ]
}

/** In a snippet a `$` begins a place to fill in; in our examples it begins an expression. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '\\$')
  if (Array.isArray(value)) return value.map(literal)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literal(inner)]))
  return value
}
