import type { ASTNode } from '@marcbachmann/cel-js'
import { anything, describe, either, familiesOf, isNone, typesOf } from './known.ts'
import { suggestion } from './nearest.ts'
import type { ProblemCode } from './problem.ts'
import type { JsonSchema } from './types.ts'

/** One side of an operator: where it stands, how it is written, what is known of it. */
export interface Operand {
  node: ASTNode
  text: string
  known: JsonSchema
}

export type Report = (code: ProblemCode, message: string, place: { start: number; end: number }, hint?: string) => void

const summands: Record<string, string[]> = {
  '+': ['a number', 'text', 'a list', 'bytes', 'a time', 'a duration'],
  '-': ['a number', 'a time', 'a duration'],
  '*': ['a number'],
  '/': ['a number'],
  '%': ['a number'],
}
const ordered = ['a number', 'text', 'true or false', 'a time', 'a duration']
const times = ['a time', 'a duration']

/** Checks `left operator right` as far as both are known, and says what is known of the result. */
export function checkBinary(operator: string, left: Operand, right: Operand, node: ASTNode, report: Report): JsonSchema {
  if (operator === 'in') {
    if (isNone(right.known, ['a list', 'a map'])) report('expression_type', notA(right, 'a list or a map'), right.node)
    return { type: 'boolean' }
  }
  if (operator === '==' || operator === '!=') {
    checkEquality(left, right, node, report)
    return { type: 'boolean' }
  }
  if (['<', '<=', '>', '>='].includes(operator)) {
    checkTogether(operator, left, right, ordered, node, report)
    return { type: 'boolean' }
  }
  const fits = checkTogether(operator, left, right, summands[operator] ?? [], node, report)
  return fits ? arithmeticResult(operator, left, right, node, report) : anything
}

function checkTogether(operator: string, left: Operand, right: Operand, allowed: string[], node: ASTNode, report: Report): boolean {
  for (const side of [left, right]) {
    if (isNone(side.known, allowed)) {
      report(
        'expression_type',
        `\`${operator}\` does not work on ${describe(side.known)}, which \`${side.text}\` is. ${makeOf(side, allowed)}`,
        side.node,
      )
      return false
    }
  }
  const [a, b] = [familiesOf(left.known), familiesOf(right.known)]
  if (
    !a ||
    !b ||
    a.some((family) => b.includes(family)) ||
    (operator in summands && [a, b].every((side) => side.some((family) => times.includes(family))))
  ) {
    return true
  }
  report('expression_type', unlike(`\`${operator}\` does not work on both`, left, right), node)
  return false
}

function arithmeticResult(operator: string, left: Operand, right: Operand, node: ASTNode, report: Report): JsonSchema {
  if ([left, right].every(({ known }) => familiesOf(known)?.every((family) => family === 'a number'))) {
    const whole = [left, right].every(({ known }) => typesOf(known)?.every((type) => type === 'whole'))
    if (whole && operator === '/') reportWholeDivision(left, right, node, report)
    return { type: whole ? 'whole' : 'number' }
  }
  if (operator === '+' && [left, right].some(({ known }) => describe(known) === 'text')) return { type: 'string' }
  return operator === '+' && describe(left.known) === 'a list' && describe(right.known) === 'a list'
    ? either([left.known, right.known])
    : anything
}

/** `1/2` is 0 while data `/ 2` has a fraction: nobody means that. */
function reportWholeDivision(left: Operand, right: Operand, node: ASTNode, report: Report): void {
  const mended = left.node.op === 'value' ? `${left.text}.0/${right.text}` : `double(${left.text})/${right.text}`
  const how = left.node.op === 'value' ? 'Write one of them with a point' : 'Make one of them a fraction'
  report(
    'whole_division',
    `\`${node.input.slice(node.start, node.end)}\` divides whole numbers and drops the fraction. ${how}: \`${mended}\`.`,
    node,
    mended,
  )
}

function checkEquality(left: Operand, right: Operand, node: ASTNode, report: Report): void {
  const [a, b] = [familiesOf(left.known), familiesOf(right.known)]
  if (a && b && !a.some((family) => b.includes(family))) report('expression_type', unlike('These are never equal', left, right), node)
  else {
    checkListed(left, right, report)
    checkListed(right, left, report)
  }
}

/** A literal that is compared with a value of which all are known must be one of them. */
function checkListed(side: Operand, literal: Operand, report: Report): void {
  const listed = side.known.enum
  if (!Array.isArray(listed) || literal.node.op !== 'value') return
  const value = typeof literal.node.args === 'bigint' ? Number(literal.node.args) : literal.node.args
  if (value === null || listed.includes(value)) return
  const message = `\`${side.text}\` is never ${literal.text}.${suggestion(String(value), listed.map(String))}`
  report('expression_unknown_value', message, literal.node)
}

function unlike(lead: string, left: Operand, right: Operand): string {
  return `${lead}: \`${left.text}\` is ${describe(left.known)}, \`${right.text}\` is ${describe(right.known)}. ${alike(left, right) ?? alike(right, left) ?? 'Make both sides of one type.'}`
}

/** How a text and a value of another type become comparable. */
function alike(text: Operand, other: Operand): string | undefined {
  if (describe(text.known) !== 'text') return undefined
  if (describe(other.known) === 'a time') return `Make the text a time with \`date(${text.text})\`.`
  if (describe(other.known) !== 'a number') return undefined
  return `Make the number text with \`string(${other.text})\`, or the text a number with \`double(${text.text})\`.`
}

function notA(operand: Operand, wanted: string): string {
  return `\`${operand.text}\` is ${describe(operand.known)}, where ${wanted} is needed.`
}

function makeOf(operand: Operand, allowed: string[]): string {
  return describe(operand.known) === 'text' && allowed.includes('a number')
    ? `Make it a number with \`double(${operand.text})\`.`
    : `It works on ${allowed.join(', ')}.`
}
