/**
 * Everything an expression may name: `trigger`, `event`, `batch`, `steps`, `vars`, `job`, `env`, `secrets`, `turn`, a loop's own name.
 * Values are JSON; long numbers are `ExactNumber` objects.
 */
export type Scope = Record<string, unknown>

/**
 * What is known of a value before anything runs: JSON Schema draft-07, of which `type`, `properties`, `required`, `additionalProperties`, `items` and
 * `enum` are read. `{}` is anything. An object without `additionalProperties: false` may hold fields that are not listed; where `required` is given,
 * a listed field outside it may be absent and must be read as an optional.
 */
export type JsonSchema = Record<string, unknown>

/** The names in scope and what is known of each. */
export type ScopeTypes = Record<string, JsonSchema>

/** One compiled CEL expression. Compiled once per recipe, never per event. */
export interface Expression {
  /** The text between `${{` and `}}`, without the white space around it. */
  readonly source: string
  /**
   * The value as JSON, or `absent` when an optional was empty.
   * @throws ExpressionError `expression_failed`, `expression_null`
   */
  evaluate(scope: Scope): unknown
}

/** A tree of YAML values in which texts may hold expressions. */
export interface Template {
  /** The tree as it was written; its texts may hold expressions. */
  readonly written: unknown
  /**
   * The tree with every expression replaced by its value: a text that is nothing but one expression keeps the value's type; inside longer text null
   * renders empty; an absent optional leaves its key out. Fields rendered per row become functions of `(row, index)`.
   * @throws ExpressionError
   */
  render(scope: Scope): unknown
}

/** What an absent optional evaluates to. */
export const absent: unique symbol = Symbol('absent')

/** An expression that failed while it ran. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly code: 'expression_failed' | 'expression_null'
  /** The expression's text. */
  readonly source: string
  constructor(code: ExpressionError['code'], message: string, source: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.source = source
  }
}
