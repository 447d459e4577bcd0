import { badQuery, notSupported, WebApiError } from '../error.ts'
import { type Literal, literalOf } from './literal.ts'
import { TokenReader } from './token-reader.ts'
import { syntaxError } from './tokens.ts'

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le'
export type TextFunction = 'contains' | 'startswith' | 'endswith'

export interface Property {
  kind: 'property'
  /** Navigation properties, then a column. */
  path: string[]
}
export interface Value {
  kind: 'value'
  literal: Literal
}
export interface List {
  kind: 'list'
  literals: Literal[]
}
export type Operand = Property | Value | List

export type Expression =
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'not'; operand: Expression }
  | { kind: 'compare'; operator: Comparison; left: Operand; right: Operand }
  | { kind: 'text'; name: TextFunction; property: Property; value: Value }
  /** A collection, the name for one of its rows, and what is asked of it; `any()` alone asks for nothing. */
  | { kind: 'lambda'; quantifier: 'any' | 'all'; path: string[]; variable?: string; condition?: Expression }
  /** A Dataverse query function, such as `LastXDays`. */
  | { kind: 'call'; name: string; parameters: Map<string, Operand> }

/** Parameter aliases of the query string, `@p1` to its text. */
export type Aliases = ReadonlyMap<string, string>

const comparisons = new Set<string>(['eq', 'ne', 'gt', 'ge', 'lt', 'le'])
const textFunctions = new Set<string>(['contains', 'startswith', 'endswith'])
const dataverse = 'Microsoft.Dynamics.CRM.'
const mostConditions = 500
/** Parentheses, negations and lambdas within each other. */
const deepest = 100

/**
 * Parses a `$filter` (facts sheet "$filter").
 * @param aliases absent where none may stand, as inside `$expand`
 * @throws WebApiError 0x80060888 with the position, 501 for what the sandbox does not know
 */
export function parseFilter(text: string, aliases?: Aliases): Expression {
  return new FilterParser(text, aliases).parse()
}

class FilterParser extends TokenReader {
  readonly #aliases: Aliases | undefined
  #conditions = 0
  #depth = 0

  constructor(text: string, aliases: Aliases | undefined) {
    super(text)
    this.#aliases = aliases
  }

  parse(): Expression {
    const expression = this.#or()
    if (this.peek().type !== 'end') throw this.unexpected()
    return expression
  }

  #or(): Expression {
    let left = this.#and()
    while (this.takeName('or')) left = { kind: 'or', left, right: this.#and() }
    return left
  }

  #and(): Expression {
    let left = this.#unary()
    while (this.takeName('and')) left = { kind: 'and', left, right: this.#unary() }
    return left
  }

  #unary(): Expression {
    if (++this.#depth > deepest) throw badQuery('Recursion depth exceeded allowed limit.')
    const expression = this.takeName('not') ? this.#negation() : this.take('(') ? this.#closed() : this.#condition()
    this.#depth--
    return expression
  }

  /** What is left of something in parentheses. */
  #closed(): Expression {
    const inner = this.#or()
    this.expect(')')
    return inner
  }

  #negation(): Expression {
    const operand = this.#unary()
    if (operand.kind === 'call') throw badQuery('Not operator along with the Custom Named Condition operators is not allowed')
    return { kind: 'not', operand }
  }

  #condition(): Expression {
    if (++this.#conditions > mostConditions)
      throw new WebApiError(400, '0x8004430C', 'Number of conditions in query exceeded maximum limit.')
    const token = this.peek()
    if (token.type === 'name' && this.peek(1).text === '(') {
      if (token.text.startsWith(dataverse)) return this.#call()
      if (textFunctions.has(token.text)) return this.#textFunction()
      throw notSupported(`the function ${token.text} in $filter`)
    }
    const left = this.#operand()
    if (left.kind === 'property' && this.take('(')) return this.#lambda(left.path)
    const operator = this.next()
    if (!comparisons.has(operator.text)) throw syntaxError(this.text, operator.at)
    return { kind: 'compare', operator: operator.text as Comparison, left, right: this.#operand() }
  }

  #lambda(path: string[]): Expression {
    const quantifier = path.pop()
    if (quantifier !== 'any' && quantifier !== 'all') throw notSupported(`the function ${quantifier} in $filter`)
    if (quantifier === 'any' && this.take(')')) return { kind: 'lambda', quantifier, path }
    const variable = this.#name()
    this.expect(':')
    return { kind: 'lambda', quantifier, path, variable, condition: this.#closed() }
  }

  #textFunction(): Expression {
    const name = this.next().text as TextFunction
    this.expect('(')
    const property = this.#operand()
    this.expect(',')
    const value = this.#operand()
    this.expect(')')
    if (property.kind !== 'property' || value.kind !== 'value') throw notSupported(`${name} of anything but a column and a text`)
    return { kind: 'text', name, property, value }
  }

  #call(): Expression {
    const name = this.next().text.slice(dataverse.length)
    const parameters = new Map<string, Operand>()
    this.expect('(')
    do {
      const parameter = this.next()
      if (parameter.type !== 'name') throw syntaxError(this.text, parameter.at)
      this.expect('=')
      parameters.set(parameter.text, this.#operand())
    } while (this.take(','))
    this.expect(')')
    return { kind: 'call', name, parameters }
  }

  #operand(): Operand {
    const token = this.next()
    if (token.type === 'alias') return this.#alias(token.text)
    if (token.text === '[' && token.type === 'symbol') return this.#list()
    if (token.type !== 'name' || ['null', 'true', 'false'].includes(token.text)) {
      if (token.type === 'symbol' || token.type === 'end') throw syntaxError(this.text, token.at)
      return { kind: 'value', literal: literalOf(token) }
    }
    const path = [token.text]
    while (this.take('/')) path.push(this.#name())
    return { kind: 'property', path }
  }

  #name(): string {
    const token = this.next()
    if (token.type !== 'name') throw syntaxError(this.text, token.at)
    return token.text
  }

  #list(): List {
    const literals: Literal[] = []
    if (this.take(']')) return { kind: 'list', literals }
    do literals.push(this.#element())
    while (this.take(','))
    if (!this.take(']')) throw invalidJson()
    return { kind: 'list', literals }
  }

  /** Doubling a quote does not help in a list: a text with a single quote must stand in double ones. */
  #element(): Literal {
    const token = this.next()
    if (token.type === 'string' && this.text[token.at] === "'" && token.text.includes("'")) throw invalidJson()
    return literalOf(token)
  }

  /** An alias that is not given counts as null. */
  #alias(name: string): Operand {
    if (!this.#aliases) throw badQuery(`The parameter alias ${name} cannot be used here.`)
    const text = this.#aliases.get(name)
    if (text === undefined) return { kind: 'value', literal: { type: 'null' } }
    const inner = new FilterParser(text, new Map())
    const operand = inner.#operand()
    if (inner.peek().type !== 'end') throw inner.unexpected()
    return operand
  }
}

function invalidJson(): WebApiError {
  return badQuery(
    `Invalid JSON. A comma character ',' was expected in scope 'Array'. Every two elements in an array and properties of an object must be separated by commas.`,
  )
}
