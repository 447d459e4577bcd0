import { readFile } from 'node:fs/promises'
import type { Problem } from '../recipe/problem.ts'
import { defaults, type Settings } from './settings.ts'

export interface CheckedSettings {
  /** Only there when there is no problem. */
  settings?: Settings
  /** Sorted by place. */
  problems: Problem[]
  /** The file's text, by its absolute path; empty where there is no file. */
  texts: Map<string, string>
}

/**
 * Reads and checks a `runner.yaml`. Most are empty and only mark the root, so nothing is loaded for those.
 * @param file absolute path; a file that is not there counts as an empty one
 */
export async function readSettings(file: string): Promise<CheckedSettings> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ENOENT'
      ? { settings: defaults, problems: [], texts: new Map() }
      : { problems: [unreadable(file, message)], texts: new Map() }
  }
  const texts = new Map([[file, text]])
  if (text.trim() === '') return { settings: defaults, problems: [], texts }
  const { checkText } = await import('./check.ts')
  return { ...checkText(file, text), texts }
}

function unreadable(file: string, why: string): Problem {
  const message = `The file cannot be read: ${why}. Let the user who runs this read it.`
  return { file, line: 1, column: 1, endLine: 1, endColumn: 1, code: 'file_unreadable', message, severity: 'error' }
}
