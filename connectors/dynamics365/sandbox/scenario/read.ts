import { dirname, resolve } from 'node:path'
import { ConnectorError, parseDuration } from '../../../../runner/connector/index.ts'
import { type OptionName, type SandboxOptions, wrongOption } from '../options.ts'
import { readTextFile } from '../text-file.ts'
import { type Path, readDocument, type ScenarioDocument } from './document.ts'

const code = 'sandbox_scenario_invalid'

export interface Scenario {
  options: SandboxOptions
  /** `file:line:column` of an item in the list that an option is. */
  place(name: string, index: number): string
}

/**
 * Reads a scenario file; all its mistakes are told at once.
 * @throws ConnectorError `sandbox_scenario_invalid` with places
 */
export function readScenario(file: string): Scenario {
  const document = readDocument(readTextFile(file, code), file)
  const mistakes = [...document.mistakes]
  const options = mistakes.length > 0 ? {} : toOptions(document, dirname(file), mistakes)
  if (mistakes.length > 0) throw new ConnectorError('rejected', code, mistakes.join('\n'))
  return { options, place: (name, index) => document.place([snakeCase(name), index]) }
}

function toOptions({ value, place }: ScenarioDocument, folder: string, mistakes: string[]): SandboxOptions {
  const options: Record<string, unknown> = {}
  const told = (path: Path, work: () => void) => {
    try {
      work()
    } catch (error) {
      mistakes.push(`${place(path)}: ${(error as Error).message}`)
    }
  }
  for (const [key, given] of Object.entries(value))
    told([key], () => {
      const name = camelCase(key)
      options[name] = (readers[key] ?? asItIs)(given, folder)
      const wrong = wrongOption(name as OptionName, options[name], `\`${key}\``)
      if (wrong !== undefined) throw new RangeError(wrong)
    })
  return options
}

type Reader = (given: unknown, folder: string) => unknown

const asItIs: Reader = (given) => given
const seconds: Reader = (given) => parseDuration(String(given)) / 1_000
const paths: Reader = (given, folder) => [given].flat().map((path) => resolve(folder, String(path)))

const readers: Record<string, Reader> = {
  access_token_ttl: seconds,
  refresh_token_ttl: seconds,
  data: paths,
  metadata: paths,
  persist: (given, folder) => resolve(folder, String(given)),
  custom_apis: (given) => (given as Record<string, unknown>[]).map(renamedKeys),
  certificates: (given, folder) => (paths(given, folder) as string[]).map((file) => readTextFile(file, code)),
}

function renamedKeys(one: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(one).map(([key, value]) => [camelCase(key), value]))
}

function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
