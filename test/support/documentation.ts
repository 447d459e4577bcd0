import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')
export const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }), ...globSync('examples/*/README.md', { cwd: root })]

/** A fenced block of a page. */
export interface Block {
  language: string
  /** What stands behind the language. */
  info: string
  text: string
}

export function blocks(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^( *)```(\w+) *([^\n]*)\n([\s\S]*?)^\1```$/gm)].map(([, indent = '', language = '', info = '', body = '']) => ({
    language,
    info: info.trim(),
    text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/** The file that the reader writes a block to (`as=`). */
export function fileOf({ info }: Block): string | undefined {
  return /(?:^| )as=(\S+)/.exec(info)?.[1]
}

/** A page that is followed from top to bottom. */
export function isGuide(page: string): boolean {
  return blocks(page).some((block) => fileOf(block) !== undefined)
}
