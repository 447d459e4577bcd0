import type { PlainSchema } from '../runner/recipe/editor-field.ts'

/** A declaration as plain JSON Schema: TypeBox's own keys (`~kind` and its like) and symbols are gone. */
export function plainSchema(schema: unknown): PlainSchema {
  return JSON.parse(JSON.stringify(schema, (key, value) => (key.startsWith('~') ? undefined : value))) as PlainSchema
}
