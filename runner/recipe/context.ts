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

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
