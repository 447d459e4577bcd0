/** A JSON Schema as data, keywords by name. */
export type PlainSchema = Record<string, unknown>

/** A text that holds an expression somewhere, and one that is nothing but an expression. */
const holdsExpression = '\\$\\{\\{'
const isExpression = '^\\s*\\$\\{\\{[\\s\\S]*\\}\\}\\s*$'

const described = ['title', 'description', 'default', 'examples', 'defaultSnippets'] as const
const nested = ['properties', 'patternProperties'] as const

/**
 * A field as editors should see it: what the declaration says, or an expression in its place.
 *
 * Types and patterns are merged rather than put side by side as alternatives, and everything that one value can break carries the same message:
 * editors show one diagnostic per mistake then, and still offer the words of an enum.
 */
export function editorField(schema: PlainSchema): PlainSchema {
  const texts = documented(schema)
  if (schema['x-secret']) return { ...texts, ...oneMistake(secretHint), type: 'string', pattern: holdsExpression }
  if (Array.isArray(schema.enum)) return enumField(schema, texts)
  const alternatives = (schema.anyOf ?? schema.oneOf) as PlainSchema[] | undefined
  if (alternatives) return { ...texts, anyOf: alternatives.map(editorField) }
  const types = [schema.type ?? []].flat() as string[]
  if (types.length === 0) return { ...editorObject(schema), ...texts }
  if (types.includes('string')) return { ...textField(schema), ...texts, type: schema.type }
  return {
    ...editorObject(schema),
    ...texts,
    type: [...types, 'string'],
    pattern: isExpression,
    // On a mapping or list the message would also stand for what is wrong inside it.
    ...(types.some((type) => type === 'object' || type === 'array') ? { patternErrorMessage: hint(types) } : oneMistake(hint(types))),
  }
}

/** A mapping whose fields take expressions and which itself does not: `with`, a connection block. */
export function editorObject(schema: PlainSchema): PlainSchema {
  const { if: condition, then: demand, else: otherwise, allOf, errorMessage, items, additionalProperties, not: _, ...rest } = schema
  const result: PlainSchema = { ...rest, ...documented(schema) }
  for (const key of Object.keys(result)) if (key.startsWith('x-')) delete result[key]
  for (const key of nested) {
    if (isSchema(schema[key]))
      result[key] = Object.fromEntries(
        Object.entries(schema[key]).map(([name, field]) => [name, isSchema(field) ? editorField(field) : field]),
      )
  }
  if (items !== undefined) result.items = isSchema(items) ? editorField(items) : items
  if (additionalProperties !== undefined)
    result.additionalProperties = isSchema(additionalProperties) ? editorField(additionalProperties) : additionalProperties
  const own = condition === undefined ? [] : [{ ...when(condition, demand, otherwise), errorMessage }]
  const rules = [...own, ...((allOf as PlainSchema[] | undefined) ?? [])].map(editorRule)
  return rules.length === 0 ? result : { ...result, allOf: rules }
}

/** A rule between fields, its message where the editor looks for it: at the demand that is not met. */
function editorRule({ if: condition, then: demand, else: otherwise, errorMessage }: PlainSchema): PlainSchema {
  const say = (branch: unknown) => {
    if (!isSchema(branch)) return branch
    const { not, ...rest } = branch
    const refused = isSchema(not) ? ((not.required ?? []) as string[]) : []
    return {
      ...rest,
      ...(refused.length > 0 && {
        properties: { ...(rest.properties as PlainSchema), ...Object.fromEntries(refused.map((name) => [name, false])) },
      }),
      ...(errorMessage !== undefined && { errorMessage }),
    }
  }
  return when(condition, say(demand), say(otherwise))
}

/** The keywords of a condition; branches that say nothing are left out. */
export function when(condition: unknown, demand: unknown, otherwise?: unknown): PlainSchema {
  return { if: condition, ...(demand !== undefined && { then: demand }), ...(otherwise !== undefined && { else: otherwise }) }
}

function enumField(schema: PlainSchema, texts: PlainSchema): PlainSchema {
  const words = schema.enum as unknown[]
  const message = oneMistake(`Expected ${words.map((word) => JSON.stringify(word)).join(', ')}, or an expression \${{ … }}.`)
  const { markdownEnumDescriptions } = schema
  const described = markdownEnumDescriptions === undefined ? {} : { markdownEnumDescriptions, enumDescriptions: markdownEnumDescriptions }
  return {
    ...texts,
    anyOf: [
      { title: schema.title, enum: words, ...described, ...message },
      { title: 'expression', type: 'string', pattern: isExpression, ...message },
    ],
  }
}

/** Lengths and formats are judged when the value is known; a text with an expression in it has none yet. */
function textField(schema: PlainSchema): PlainSchema {
  const { format: _format, maxLength, pattern, ...rest } = schema
  const object = { ...editorObject(rest), ...likeThis(schema) }
  if (pattern !== undefined) return { ...object, pattern: `${String(pattern)}|${holdsExpression}` }
  if (maxLength === undefined) return object
  return {
    ...object,
    pattern: `^[\\s\\S]{0,${String(maxLength)}}$|${holdsExpression}`,
    patternErrorMessage: `Expected at most ${String(maxLength)} characters.`,
  }
}

/** Markdown twice over: some editors read one keyword, some the other. */
function documented(schema: PlainSchema): PlainSchema {
  const texts = Object.fromEntries(described.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]))
  return schema.description === undefined ? texts : { ...texts, markdownDescription: schema.description }
}

/** A pattern explains itself to few; an example does to most. */
function likeThis({ pattern, examples }: PlainSchema): PlainSchema {
  const [example] = (examples as unknown[] | undefined) ?? []
  return pattern === undefined || example === undefined ? {} : { patternErrorMessage: `Write it like ${JSON.stringify(example)}.` }
}

function oneMistake(message: string): PlainSchema {
  return { errorMessage: message, patternErrorMessage: message }
}

const secretHint = 'A secret is only named here, never written down: ${{ secrets.NAME }}.'

const typeWords: Record<string, string> = {
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  null: 'null',
  object: 'a mapping',
  array: 'a list',
}

function hint(types: readonly string[]): string {
  return `Expected ${types.map((type) => typeWords[type] ?? type).join(', ')}, or an expression \${{ … }}.`
}

function isSchema(value: unknown): value is PlainSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One of a few names, each with its own text. The words alone decide: with a `type` beside them a number would be two mistakes. */
export function words(field: PlainSchema | undefined, described: readonly { name: string; text: string }[]): PlainSchema {
  const { type: _type, examples: _examples, ...rest } = field ?? {}
  const descriptions = described.map(({ text }) => text)
  return { ...rest, enum: described.map(({ name }) => name), enumDescriptions: descriptions, markdownEnumDescriptions: descriptions }
}

/** The schema with each description also as Markdown, and each enum without the `type` that would report the same mistake again. */
export function markdown(schema: PlainSchema): PlainSchema {
  const result: PlainSchema = { ...schema, ...documented(schema), ...likeThis(schema) }
  if (Array.isArray(schema.enum)) delete result.type
  if (isSchema(schema.properties))
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, markdown(field as PlainSchema)]))
  if (isSchema(schema.items)) result.items = markdown(schema.items)
  return result
}
