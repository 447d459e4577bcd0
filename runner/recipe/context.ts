import type { Catalog } from '../connector/index.ts'
import type { Path, SourceDocument, Where } from './document.ts'
import type { Problem } from './problem.ts'

/** What every check of one file shares. Problems are collected, never thrown: one run shows them all. */
export class CheckContext {
  readonly document: SourceDocument
  readonly catalog: Catalog
  readonly problems: Problem[]

  constructor(document: SourceDocument, catalog: Catalog, problems: Problem[]) {
    this.document = document
    this.catalog = catalog
    this.problems = problems
  }

  problem(path: Path, code: string, message: string, where: Where = {}): void {
    this.problems.push(this.document.at(path, code, message, where))
  }
}

/** A member that is really there: names such as `constructor` are no operations. */
export function own<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
