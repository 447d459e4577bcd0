import type { ASTNode } from '@marcbachmann/cel-js'
import { suggestion } from './nearest.ts'
import type { ExpressionProblem, ProblemCode } from './problem.ts'
import type { JsonSchema, ScopeTypes } from './types.ts'

/** Deeper nested loops than this can block the program for seconds. */
const deepest = 3
const loops = new Set(['map', 'filter', 'exists', 'all', 'exists_one'])

export interface Walked {
  problems: ExpressionProblem[]
  /** Levels of comprehensions inside each other. */
  nesting: number
  /** Calls `matches`, whose regular expression may take for ever. */
  matches: boolean
}

const anything: JsonSchema = {}

/** Own walk of the syntax tree: names and fields against what is known of them; CEL's checker passes a misspelt optional and knows no closed objects of ours. */
export function walkNames(ast: ASTNode, scope: ScopeTypes): Walked {
  const result: Walked = { problems: [], nesting: 0, matches: false }
  new Walk(result).visit(ast, scope, 0)
  return result
}

class Walk {
  readonly result: Walked
  constructor(result: Walked) {
    this.result = result
  }

  /** What is known of the node's value. */
  visit(node: ASTNode, scope: ScopeTypes, depth: number): JsonSchema {
    switch (node.op) {
      case 'id':
        return this.#name(node.args, node, scope)
      case '.':
      case '.?':
        return this.#field(this.visit(node.args[0], scope, depth), node.args[1], node, node.op === '.?')
      case '[]':
      case '[?]':
        return this.#index(node, scope, depth)
      case 'rcall':
        return this.#method(node, scope, depth)
      case 'call':
        for (const argument of node.args[1]) this.visit(argument, scope, depth)
        return anything
      case 'value':
        return anything
      default:
        for (const child of children(node.args)) this.visit(child, scope, depth)
        return anything
    }
  }

  #name(name: string, node: ASTNode, scope: ScopeTypes): JsonSchema {
    const known = scope[name]
    if (known) return known
    this.#problem('expression_unknown_name', `There is no \`${name}\` here.${suggestion(name, Object.keys(scope))}`, node.start, node.end)
    return anything
  }

  #field(schema: JsonSchema, field: string, node: ASTNode, optional: boolean): JsonSchema {
    const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
    const known = properties[field]
    if (!known) {
      if (schema.additionalProperties === false) this.#problem('expression_unknown_field', `There is no ${schema['x-noun'] ?? 'field'} \`${field}\`.${suggestion(field, Object.keys(properties))}`, node.end - field.length, node.end)
      return typeof schema.additionalProperties === 'object' ? (schema.additionalProperties as JsonSchema) : anything
    }
    const required = schema.required as string[] | undefined
    if (required && !required.includes(field) && !optional && schema.additionalProperties === false) {
      this.#problem('expression_maybe_absent', `\`${field}\` is set only on some paths. Read it as optional: \`.?${field}\`.`, node.end - field.length, node.end)
    }
    return known
  }

  #index(node: ASTNode & { op: '[]' | '[?]' }, scope: ScopeTypes, depth: number): JsonSchema {
    const [object, key] = node.args
    const schema = this.visit(object, scope, depth)
    if (key.op === 'value' && typeof key.args === 'string') return this.#field(schema, key.args, { ...node, end: key.end - 1 } as ASTNode, node.op === '[?]')
    this.visit(key, scope, depth)
    return (schema.items as JsonSchema | undefined) ?? anything
  }

  #method(node: ASTNode & { op: 'rcall' }, scope: ScopeTypes, depth: number): JsonSchema {
    const [name, receiver, args] = node.args
    const schema = this.visit(receiver, scope, depth)
    if (name === 'matches') this.result.matches = true
    const variable = loops.has(name) && args.length >= 2 && args[0]?.op === 'id' ? args[0].args : undefined
    if (variable === undefined) {
      for (const argument of args) this.visit(argument, scope, depth)
      return anything
    }
    this.result.nesting = Math.max(this.result.nesting, depth + 1)
    if (depth + 1 > deepest) this.#problem('expression_nesting', `Loops inside each other go at most ${deepest} deep. Split the work into steps.`, node.start, node.end)
    const inner = { ...scope, [variable]: (schema.items as JsonSchema | undefined) ?? anything }
    for (const argument of args.slice(1)) this.visit(argument, inner, depth + 1)
    return anything
  }

  #problem(code: ProblemCode, message: string, start: number, end: number): void {
    this.result.problems.push({ code, message, path: [], start, end })
  }
}

/** Every syntax node inside an operator's arguments, however they are nested. */
function* children(args: unknown): Generator<ASTNode> {
  if (Array.isArray(args)) for (const each of args) yield* children(each)
  else if (typeof args === 'object' && args !== null && 'op' in args) yield args as ASTNode
}
