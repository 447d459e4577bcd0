import { compileExpression } from './compile.ts'
import { findExpressions } from './find.ts'
import { odataLiteral } from './odata.ts'
import type { ExpressionProblem } from './problem.ts'
import { absent, type Expression, ExpressionError, type JsonSchema, type Scope, type ScopeTypes, type Template } from './types.ts'

export interface TemplateOptions {
  scope: ScopeTypes
  /** Schema of the tree, for the own keywords `x-template`, `x-per-row`, `x-row-name`. */
  schema?: JsonSchema
}

type Render = (scope: Scope) => unknown

/** Compiles a tree of YAML values. All mistakes come back at once, each with the path of its text in the tree. */
export function compileTemplate(value: unknown, { scope, schema = {} }: TemplateOptions): { template: Template; problems: ExpressionProblem[] } {
  const problems: ExpressionProblem[] = []
  const render = new Compiler(problems).value(value, schema, scope, [])
  return { template: { render }, problems }
}

class Compiler {
  readonly problems: ExpressionProblem[]
  constructor(problems: ExpressionProblem[]) {
    this.problems = problems
  }

  value(value: unknown, schema: JsonSchema, scope: ScopeTypes, path: (string | number)[]): Render {
    if (typeof value === 'string') return this.text(value, schema, scope, path)
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.value(item, (schema.items as JsonSchema | undefined) ?? {}, scope, [...path, index]))
      return (data) => items.map((item) => item(data)).filter((item) => item !== absent)
    }
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) return this.map(value as Record<string, unknown>, schema, scope, path)
    return () => value
  }

  map(value: Record<string, unknown>, schema: JsonSchema, scope: ScopeTypes, path: (string | number)[]): Render {
    const members = Object.entries(value).map(([key, member]) => {
      const memberSchema = memberOf(schema, key)
      const render = memberSchema['x-per-row'] ? this.perRow(member, memberSchema, rowName(value, schema), scope, [...path, key]) : this.value(member, memberSchema, scope, [...path, key])
      return [key, render] as const
    })
    return (data) => {
      const rendered: Record<string, unknown> = {}
      for (const [key, render] of members) {
        const member = render(data)
        if (member !== absent) rendered[key] = member
      }
      return rendered
    }
  }

  /** Rendered once per row, never as one big value: the field becomes a function of row and index. */
  perRow(value: unknown, schema: JsonSchema, name: string, scope: ScopeTypes, path: (string | number)[]): Render {
    const { 'x-per-row': _, ...rowSchema } = schema
    const render = this.value(value, rowSchema, { ...scope, [name]: {}, turn: {} }, path)
    return (data) => (row: unknown, index: number) => render({ ...data, [name]: row, turn: { index, first: index === 0 } })
  }

  text(text: string, schema: JsonSchema, scope: ScopeTypes, path: (string | number)[]): Render {
    const { parts, problems } = findExpressions(text)
    this.problems.push(...problems.map((problem) => ({ ...problem, path })))
    if (problems.length > 0 || parts.every((part) => typeof part === 'string')) return () => parts.join('')
    const template = schema['x-template']
    if (template === 'odata') this.#quotesInFilter(parts, path)
    const compiled = parts.map((part) => {
      if (typeof part === 'string') return part
      const { expression, problems: found } = compileExpression(part.source, { scope })
      this.problems.push(...found.map((problem) => ({ ...problem, path, start: part.start + (problem.start ?? 0), end: part.start + (problem.end ?? part.source.length) })))
      return expression ?? ''
    })
    if (template === 'odata') return (data) => compiled.map((part) => (typeof part === 'string' ? part : odataLiteral(part.evaluate(data), part.source))).join('')
    const whole = compiled.filter((part) => typeof part !== 'string' || part.trim() !== '')
    if (whole.length === 1 && typeof whole[0] === 'object') return (data) => (whole[0] as Expression).evaluate(data)
    return (data) => compiled.map((part) => (typeof part === 'string' ? part : insideText(part, data))).join('')
  }

  /** `'${{ x }}'` in a filter would quote twice: the expression is a whole literal already. */
  #quotesInFilter(parts: ReturnType<typeof findExpressions>['parts'], path: (string | number)[]): void {
    let quoted = false
    for (const part of parts) {
      if (typeof part === 'string') quoted = ((part.match(/'/g)?.length ?? 0) % 2 === 1) !== quoted
      else if (quoted) {
        this.problems.push({ code: 'filter_quoted_expression', message: 'The expression stands inside quotes. Leave the quotes out: it becomes a literal of the right form by itself.', path, start: part.start, end: part.end })
      }
    }
  }
}

function memberOf(schema: JsonSchema, key: string): JsonSchema {
  const known = ((schema.properties ?? {}) as Record<string, JsonSchema>)[key]
  return known ?? (typeof schema.additionalProperties === 'object' ? (schema.additionalProperties as JsonSchema) : {})
}

/** The name that the author gives to a row, in the field whose schema says so. */
function rowName(value: Record<string, unknown>, schema: JsonSchema): string {
  const field = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).find(([, property]) => property['x-row-name'])?.[0]
  const given = field === undefined ? undefined : value[field]
  return typeof given === 'string' ? given : 'row'
}

function insideText(expression: Expression, scope: Scope): string {
  const value = expression.evaluate(scope)
  if (value === absent) throw new ExpressionError('expression_failed', `\`\${{ ${expression.source} }}\` is missing, and a text needs it. Give a default with \`.orValue("…")\`.`, expression.source)
  if (value === null) return ''
  if (typeof value === 'object') return 'rawJSON' in value ? String(value.rawJSON) : JSON.stringify(value)
  return String(value)
}
