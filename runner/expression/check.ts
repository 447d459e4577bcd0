import type { ASTNode } from '@marcbachmann/cel-js'
import { anything, describe, either, isNone, isOptional, optional, present } from './known.ts'
import { suggestion } from './nearest.ts'
import { checkBinary, type Operand, type Report } from './operands.ts'
import type { ExpressionProblem } from './problem.ts'
import { resultOf, signaturesOf } from './signatures.ts'
import type { JsonSchema, ScopeTypes } from './types.ts'

/** Deeper nested loops than this can block the program for seconds. */
const deepest = 3
const loops = new Set(['map', 'filter', 'exists', 'all', 'exists_one'])

/** Names that CEL itself brings. At run time they hide a name in scope, so a loop's value or a row cannot be called so. */
export const celNames: ReadonlySet<string> = new Set(
  'string bool int uint double map list bytes null_type type google optional cel'.split(' '),
)

/** What works on a value that may be absent. */
const takesOptional = new Set(['orValue', 'or', 'hasValue', 'value', 'coalesce', 'of'])

/** Functions whose time grows with a list or that run a regular expression: inside a loop, or at all, they may take long. */
const expensive = new Set(['matches', 'find'])
const overLists = new Set([
  'sum',
  'avg',
  'min',
  'max',
  'distinct',
  'flatten',
  'reverse',
  'sort',
  'sort_by',
  'group_by',
  'index_by',
  'join',
  'pick',
  'without',
  'json',
])

export interface Checked {
  problems: ExpressionProblem[]
  /** What is known of the expression's value. */
  known: JsonSchema
  /** It may take longer than data of ordinary size would need: nested loops, regular expressions. */
  costly: boolean
  /** Calls `now()`. */
  usesNow: boolean
}

interface Place {
  scope: ScopeTypes
  /** How many loops and bindings stand around it. */
  depth: number
}

/**
 * Own walk of the syntax tree: names, fields and types against what is known of them. CEL's checker passes a misspelt optional, knows no closed maps and
 * would refuse null where a column may be null.
 */
export function checkExpression(ast: ASTNode, scope: ScopeTypes): Checked {
  const walk = new Walk()
  const known = walk.visit(ast, { scope, depth: 0 })
  const { problems, costly, usesNow } = walk
  return { problems, known, costly, usesNow }
}

class Walk {
  readonly problems: ExpressionProblem[] = []
  costly = false
  usesNow = false
  /** Fields that the expression itself asks for with `has()`, as written. */
  readonly #guarded = new Set<string>()

  /** What is known of the node's value. */
  visit(node: ASTNode, place: Place): JsonSchema {
    switch (node.op) {
      case 'value':
        return literal(node.args)
      case 'id':
        return this.#name(node.args, node, place)
      case '.':
      case '.?':
        return this.#access(this.visit(node.args[0], place), node.args[1], node)
      case '[]':
      case '[?]':
        return this.#index(node, place)
      case 'list':
        return { type: 'array', items: either(node.args.map((item) => this.visit(item, place))) }
      case 'map':
        for (const entry of node.args) for (const part of entry) this.visit(part, place)
        return { type: 'object' }
      case '?:':
        this.#boolean(node.args[0], place)
        return either([this.visit(node.args[1], place), this.visit(node.args[2], place)])
      case '||':
      case '&&':
        for (const side of node.args) this.#boolean(side, place)
        return { type: 'boolean' }
      case '!_':
        this.#boolean(node.args, place)
        return { type: 'boolean' }
      case '-_':
        return this.#value(node.args, place).known
      case 'call':
        return this.#call(node, place)
      case 'rcall':
        return this.#method(node, place)
      default:
        if (node.op === 'in' && place.depth > 0 && node.args[1].op !== 'list') this.costly = true
        return checkBinary(node.op, this.#value(node.args[0], place), this.#value(node.args[1], place), node, this.#report)
    }
  }

  #name(name: string, node: ASTNode, { scope }: Place): JsonSchema {
    if (Object.hasOwn(scope, name)) return scope[name] as JsonSchema
    if (!celNames.has(name)) {
      this.#report('expression_unknown_name', `There is no \`${name}\` here.${suggestion(name, Object.keys(scope))}`, node)
    }
    return anything
  }

  #access(owner: JsonSchema, field: string, node: ASTNode & { op: '.' | '.?' | '[]' | '[?]' }): JsonSchema {
    const start = node.op === '.' || node.op === '.?' ? node.pos : node.args[1].start + 1
    const place = { start, end: start + field.length }
    const asked = node.op === '.?' || node.op === '[?]'
    const maybe = asked || isOptional(owner)
    if (isNone(owner, ['a map'])) {
      this.#report(
        'expression_type',
        `\`${textOf(node.args[0])}\` is ${describe(owner)} and has no field \`${field}\`. ${advice(owner)}`,
        place,
      )
      return anything
    }
    const known = this.#field(owner, field, place, maybe || this.#guarded.has(textOf(node)))
    return maybe ? optional(known) : known
  }

  #field(owner: JsonSchema, field: string, place: { start: number; end: number }, mayBeAbsent: boolean): JsonSchema {
    const properties = (owner.properties ?? {}) as Record<string, JsonSchema>
    if (!Object.hasOwn(properties, field)) {
      if (owner.additionalProperties === false) {
        const noun = owner['x-noun'] ?? 'field'
        this.#report('expression_unknown_field', `There is no ${noun} \`${field}\`.${suggestion(field, Object.keys(properties))}`, place)
      }
      return typeof owner.additionalProperties === 'object' ? (owner.additionalProperties as JsonSchema) : anything
    }
    const required = owner.required as string[] | undefined
    if (required && !required.includes(field) && !mayBeAbsent && owner.additionalProperties === false) {
      this.#report('expression_maybe_absent', `\`${field}\` is set only on some paths. Read it as optional: \`.?${field}\`.`, place)
    }
    return properties[field] as JsonSchema
  }

  #index(node: ASTNode & { op: '[]' | '[?]' }, place: Place): JsonSchema {
    const [object, key] = node.args
    const owner = this.visit(object, place)
    if (key.op === 'value' && typeof key.args === 'string') return this.#access(owner, key.args, node)
    this.visit(key, place)
    if (isNone(owner, ['a list', 'a map']))
      this.#report('expression_type', `\`${textOf(object)}\` is ${describe(owner)} and has no elements.`, object)
    const known = itemsOf(owner)
    return node.op === '[?]' || isOptional(owner) ? optional(known) : known
  }

  #call(node: ASTNode & { op: 'call' }, place: Place): JsonSchema {
    const [name, args] = node.args
    if (name === 'has' && args[0]) {
      for (let asked: ASTNode = args[0]; asked.op === '.'; asked = asked.args[0]) this.#guarded.add(textOf(asked))
    }
    if (name === 'now') this.usesNow = true
    if (overLists.has(name) && place.depth > 0) this.costly = true
    const given = takesOptional.has(name)
      ? args.map((argument) => this.#operand(argument, place))
      : args.map((argument) => this.#value(argument, place))
    return this.#apply(name, undefined, given, node)
  }

  #method(node: ASTNode & { op: 'rcall' }, place: Place): JsonSchema {
    const [name, receiver, args] = node.args
    if (receiver.op === 'id' && receiver.args === 'cel' && name === 'bind' && !Object.hasOwn(place.scope, 'cel'))
      return this.#bind(args, node, place)
    if (expensive.has(name) || (overLists.has(name) && place.depth > 0)) this.costly = true
    if (takesOptional.has(name)) return this.#unwrap(name, receiver, args, place)
    const owner = this.#value(receiver, place)
    if (loops.has(name) && args.length >= 2) return this.#loop(name, owner, args, node, place)
    return this.#apply(
      name,
      owner,
      args.map((argument) => this.#value(argument, place)),
      node,
    )
  }

  /** Methods of optional values, and `optional.of`, `optional.none`. */
  #unwrap(name: string, receiver: ASTNode, args: ASTNode[], place: Place): JsonSchema {
    const owner = present(this.visit(receiver, place))
    const given = args.map((argument) => this.visit(argument, place))
    if (name === 'hasValue') return { type: 'boolean' }
    if (name === 'value') return owner
    return name === 'of' ? optional(given[0] ?? anything) : either([owner, ...given])
  }

  #loop(name: string, owner: Operand, args: ASTNode[], node: ASTNode, place: Place): JsonSchema {
    const [variable, ...bodies] = args
    if (isNone(owner.known, ['a list', 'a map'])) {
      this.#report('expression_type', `\`${name}\` goes over a list, but \`${owner.text}\` is ${describe(owner.known)}.`, owner.node)
    }
    // CEL goes over the keys of a map.
    const item = describe(owner.known) === 'a map' ? { type: 'string' } : itemsOf(owner.known)
    const inner = this.#inside(variable, item, node, place)
    const known = bodies.map((body, index) =>
      name === 'map' && index === bodies.length - 1 ? this.visit(body, inner) : this.#boolean(body, inner),
    )
    if (name === 'map') return { type: 'array', items: known.at(-1) ?? anything }
    return name === 'filter' ? { type: 'array', items: item } : { type: 'boolean' }
  }

  #bind([variable, bound, body]: ASTNode[], node: ASTNode, place: Place): JsonSchema {
    const known = bound ? this.visit(bound, place) : anything
    return body ? this.visit(body, this.#inside(variable, known, node, place)) : anything
  }

  #inside(variable: ASTNode | undefined, known: JsonSchema, node: ASTNode, { scope, depth }: Place): Place {
    if (depth + 1 > 1) this.costly = true
    if (depth + 1 > deepest) {
      this.#report('expression_nesting', `Loops inside each other go at most ${deepest} deep. Split the work into steps.`, node)
    }
    return { scope: variable?.op === 'id' ? { ...scope, [variable.args]: known } : scope, depth: depth + 1 }
  }

  /** Whether there is such a function at all is said by CEL's own checker; here only known types are held against its parameters. */
  #apply(name: string, owner: Operand | undefined, given: Operand[], node: ASTNode): JsonSchema {
    const candidates = signaturesOf(name).filter(
      (each) => (each.receiver === undefined) === (owner === undefined) && each.parameters.length === given.length,
    )
    const receivers = candidates.map((each) => each.receiver as string)
    if (owner && candidates.length > 0 && isNone(owner.known, receivers)) {
      const mend = receivers.includes('text') ? ` Make it text first: \`string(${owner.text}).${name}(…)\`.` : ''
      this.#report(
        'expression_arguments',
        `\`${name}\` is called on ${unique(receivers)}, but \`${owner.text}\` is ${describe(owner.known)}.${mend}`,
        node,
      )
    }
    for (const [index, { known, text, node: argument }] of given.entries()) {
      const takes = candidates.map((each) => each.parameters[index])
      if (takes.length === 0 || takes.includes(undefined) || !isNone(known, takes as string[])) continue
      this.#report(
        'expression_arguments',
        `\`${name}\` takes ${unique(takes as string[])} here, but \`${text}\` is ${describe(known)}.`,
        argument,
      )
    }
    return resultOf(candidates)
  }

  #boolean(node: ASTNode, place: Place): JsonSchema {
    const { known, text } = this.#value(node, place)
    if (isNone(known, ['true or false'])) {
      this.#report('expression_type', `\`${text}\` is ${describe(known)}, where true or false is needed. Compare it with something.`, node)
    }
    return known
  }

  #operand(node: ASTNode, place: Place): Operand {
    return { node, text: textOf(node), known: this.visit(node, place) }
  }

  /** A node whose value is worked on, so that it must be there. */
  #value(node: ASTNode, place: Place): Operand {
    const operand = this.#operand(node, place)
    if (!isOptional(operand.known)) return operand
    this.#report(
      'expression_type',
      `\`${operand.text}\` may be absent, and a value is needed. Give a default with \`.orValue(…)\`.`,
      node,
      `${operand.text}.orValue(null)`,
    )
    return { ...operand, known: anything }
  }

  readonly #report: Report = (code, message, { start, end }, hint) => {
    this.problems.push({ code, message, path: [], start, end, ...(hint !== undefined && { hint }) })
  }
}

function literal(value: unknown): JsonSchema {
  if (value === null) return { type: 'null' }
  if (typeof value === 'bigint') return { type: 'whole' }
  return ['string', 'number', 'boolean'].includes(typeof value) ? { type: typeof value } : anything
}

function itemsOf(schema: JsonSchema): JsonSchema {
  const { items } = schema
  return items !== null && typeof items === 'object' && !Array.isArray(items) ? (items as JsonSchema) : anything
}

function textOf(node: ASTNode): string {
  return node.input.slice(node.start, node.end)
}

function unique(words: readonly string[]): string {
  return [...new Set(words)].join(' or ')
}

function advice(owner: JsonSchema): string {
  return describe(owner) === 'a list' ? 'Name an element, such as `[0]`, or go over it with `.map(x, …)`.' : 'Leave the field out.'
}
