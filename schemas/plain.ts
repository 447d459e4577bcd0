/** A JSON Schema as data, keywords by name. */
export type PlainSchema = Record<string, unknown>

/** A declaration as plain JSON Schema: TypeBox's own keys (`~kind` and its like) and symbols are gone. */
export function plainSchema(schema: unknown): PlainSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key.startsWith('~') ? undefined : value))) as PlainSchema
}
