import { type Static, type TSchema, type TSchemaOptions, Type } from 'typebox'

/**
 * Own keywords of our schemas. Editors ignore them; the recipe room reads them.
 *
 * - `x-secret`: a credential; only a reference `${{ secrets.NAME }}` may stand here, and its value is masked everywhere
 * - `x-template`: texts of another language; an expression inside becomes a literal of that language
 * - `x-per-row`: rendered once per row of the sibling field it names; `run` receives a function of row and index
 * - `x-row-name`: names the variable that stands for the row in the fields rendered per row
 * - `x-table`, `x-columns`: the text names a Dataverse table, or columns of the table in the sibling field it names
 */
export const keywords = ['x-secret', 'x-template', 'x-per-row', 'x-row-name', 'x-table', 'x-columns'] as const

/** `T` or null as one `type`, so that one mistake gives one error rather than one per alternative. */
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [(schema as { type?: string }).type, 'null'].flat() })
}

/** A credential: only ever a reference to a secret, masked in everything that leaves the program. */
export function Secret(options: TSchemaOptions = {}) {
  return Type.String({ ...options, 'x-secret': true })
}

/** An OData `$filter` text; expressions in it become OData literals, so no value can change its structure. */
export function ODataFilter(options: TSchemaOptions = {}) {
  return Type.String({ ...options, 'x-template': 'odata' })
}

/** Rendered once per row of the field `rows`; the action receives a function. */
export function PerRow<T extends TSchema>(schema: T, rows = 'rows') {
  return Type.Unsafe<(row: unknown, index: number) => Static<T>>({ ...schema, 'x-per-row': rows })
}

/** One of a few words. One error per mistake, unlike a union of literals. */
export function OneOf<const T extends string>(values: readonly T[], options: TSchemaOptions = {}) {
  return Type.Unsafe<T>({ type: 'string', enum: [...values], ...options })
}
