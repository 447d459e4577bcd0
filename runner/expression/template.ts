import { celNames } from './check.ts'
import { compileExpression } from './compile.ts'
import { isExactNumber } from './exact-number.ts'
import { findExpressions } from './find.ts'
import { anything } from './known.ts'
import { filterProblems, odataLiteral } from './odata.ts'
import type { ExpressionProblem } from './problem.ts'
import { absent, type Expression, ExpressionError, type JsonSchema, type Scope, type ScopeTypes, type Template } from './types.ts'

export interface TemplateOptions {
  scope: ScopeTypes
  /** Schema of the tree, for the own keywords `x-template`, `x-per-row`, `x-row-name`. */
  schema?: JsonSchema
}

type Path = (string | number)[]
type Render = (scope: Scope) => unknown
type Part = string | Expression

/** A part of the tree, ready to render. */
interface Piece {
  render: Render
  /** What is known of its value. */
  known: JsonSchema
}

const rowNamePattern = /^[a-z_][a-z0-9_]*$/

/** Compiles a tree of YAML values. All mistakes come back at once, each with the path of its text in the tree. */
export function compileTemplate(
  value: unknown,
  { scope, schema = {} }: TemplateOptions,
): { template: Template; problems: ExpressionProblem[] } {
  const compiler = new Compiler()
  const { render } = compiler.value(value, schema, scope, [])
  return { template: { written: value, render }, problems: compiler.problems }
}

class Compiler {
  readonly problems: ExpressionProblem[] = []

  value(value: unknown, schema: JsonSchema, scope: ScopeTypes, path: Path): Piece {
    if (typeof value === 'string') return this.text(value, schema, scope, path)
    if (Array.isArray(value)) return this.list(value, schema, scope, path)
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return this.map(value as Record<string, unknown>, schema, scope, path)
    }
    return { render: () => value, known: anything }
  }

  list(value: unknown[], schema: JsonSchema, scope: ScopeTypes, path: Path): Piece {
    const items = value.map((item, index) => this.value(item, asSchema(schema.items), scope, [...path, index]).render)
    return { render: (data) => items.map((item) => item(data)).filter((item) => item !== absent), known: { type: 'array' } }
  }

  map(value: Record<string, unknown>, schema: JsonSchema, scope: ScopeTypes, path: Path): Piece {
    const pieces = new Map<string, Piece>()
    const perRow: [key: string, schema: JsonSchema][] = []
    for (const [key, member] of Object.entries(value)) {
      this.#key(key, [...path, key])
      const memberSchema = memberOf(schema, key)
      // Rendered per row: known only once the field that holds the rows is.
      if (memberSchema['x-per-row']) perRow.push([key, memberSchema])
      else pieces.set(key, this.value(member, memberSchema, scope, [...path, key]))
    }
    for (const [key, memberSchema] of perRow) {
      const rows = pieces.get(memberSchema['x-per-row'] as string)?.known ?? anything
      pieces.set(
        key,
        this.perRow(value[key], memberSchema, this.#rowName(value, schema, path), asSchema(rows.items), scope, [...path, key]),
      )
    }
    const members = Object.keys(value).map((key) => [key, (pieces.get(key) as Piece).render] as const)
    return { render: (data) => renderMembers(members, data), known: { type: 'object' } }
  }

  /** Rendered once per row, never as one big value: the field becomes a function of row and index. */
  perRow(value: unknown, schema: JsonSchema, name: string, row: JsonSchema, scope: ScopeTypes, path: Path): Piece {
    const { 'x-per-row': _, ...rowSchema } = schema
    const { render } = this.value(value, rowSchema, { ...scope, [name]: row, turn: turnType }, path)
    return {
      render: (data) => (row: unknown, index: number) => render({ ...data, [name]: row, turn: { index, first: index === 0 } }),
      known: anything,
    }
  }

  text(text: string, schema: JsonSchema, scope: ScopeTypes, path: Path): Piece {
    const { parts, problems } = findExpressions(text)
    this.#report(problems, path)
    if (problems.length > 0 || parts.every((part) => typeof part === 'string')) {
      const literal = parts.join('')
      return { render: () => literal, known: { type: 'string' } }
    }
    let known = anything
    const compiled = parts.map((part): Part => {
      if (typeof part === 'string') return part
      const { expression, problems: found, known: what } = compileExpression(part.source, { scope })
      known = what
      this.#report(
        found.map((problem) => ({
          ...problem,
          start: part.start + (problem.start ?? 0),
          end: part.start + (problem.end ?? part.source.length),
        })),
        path,
      )
      return expression ?? ''
    })
    if (schema['x-template'] === 'odata') {
      this.#report(filterProblems(parts), path)
      return { render: (data) => renderFilter(compiled, data), known: { type: 'string' } }
    }
    const whole = compiled.filter((part) => typeof part !== 'string' || part.trim() !== '')
    const [only] = whole
    if (whole.length === 1 && typeof only === 'object') return { render: (data) => only.evaluate(data), known }
    return {
      render: (data) => compiled.map((part) => (typeof part === 'string' ? part : insideText(part, data))).join(''),
      known: { type: 'string' },
    }
  }

  /** The name that the author gives to a row, in the field whose schema says so. */
  #rowName(value: Record<string, unknown>, schema: JsonSchema, path: Path): string {
    const field = Object.entries(propertiesOf(schema)).find(([, property]) => property['x-row-name'])?.[0]
    const given = field === undefined ? undefined : value[field]
    if (field === undefined || given === undefined) return 'row'
    if (typeof given === 'string' && rowNamePattern.test(given) && !celNames.has(given)) return given
    const message = "The name of a row is small letters, digits and `_`, no expression and no word of CEL's own. Write one such as `row`."
    this.problems.push({ code: 'expression_row_name', message, path: [...path, field] })
    return 'row'
  }

  #key(key: string, path: Path): void {
    if (!key.includes('${{')) return
    const message = 'An expression cannot stand in a key. Write the keys out, or make the whole map with one expression: `${{ {…} }}`.'
    this.problems.push({ code: 'expression_in_key', message, path })
  }

  #report(problems: readonly Omit<ExpressionProblem, 'path'>[], path: Path): void {
    this.problems.push(...problems.map((problem) => ({ ...problem, path })))
  }
}

const turnType: JsonSchema = {
  type: 'object',
  properties: { index: { type: 'integer' }, first: { type: 'boolean' } },
  required: ['index', 'first'],
  additionalProperties: false,
}

function renderMembers(members: readonly (readonly [string, Render])[], data: Scope): Record<string, unknown> {
  const rendered: Record<string, unknown> = {}
  for (const [key, render] of members) {
    const member = render(data)
    if (member === absent) continue
    // Assigning would set the prototype instead of a field.
    if (key === '__proto__') Object.defineProperty(rendered, key, { value: member, enumerable: true, configurable: true, writable: true })
    else rendered[key] = member
  }
  return rendered
}

function renderFilter(parts: readonly Part[], data: Scope): string {
  let filter = ''
  for (const part of parts) filter += typeof part === 'string' ? part : odataLiteral(part.evaluate(data), part.source, filter)
  return filter
}

function insideText(expression: Expression, scope: Scope): string {
  const value = expression.evaluate(scope)
  if (value === absent) {
    const message = `\`\${{ ${expression.source} }}\` is missing, and a text needs it. Give a default with \`.orValue("…")\`.`
    throw new ExpressionError('expression_failed', message, expression.source)
  }
  if (value === null) return ''
  if (typeof value === 'object') return isExactNumber(value) ? value.rawJSON : JSON.stringify(value)
  return String(value)
}

function asSchema(value: unknown): JsonSchema {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonSchema) : {}
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  return (schema.properties ?? {}) as Record<string, JsonSchema>
}

function memberOf(schema: JsonSchema, key: string): JsonSchema {
  const properties = propertiesOf(schema)
  return Object.hasOwn(properties, key) ? (properties[key] as JsonSchema) : asSchema(schema.additionalProperties)
}
