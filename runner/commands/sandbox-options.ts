import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { parseDuration } from '../connector/duration.ts'
import type { SandboxOption } from '../connector/index.ts'
import { UsageError } from './program.ts'

const hints: Record<SandboxOption['form'], string> = {
  integer: ' <n>',
  text: ' <text>',
  duration: ' <duration>',
  path: ' <file>',
  paths: ' <path...>',
  pairs: ' <name=value...>',
  yes: '',
}

/** Gives a command the options that a connector declares, read as their forms say. */
export function addSandboxOptions(command: Command, options: readonly SandboxOption[], cwd: string): void {
  for (const one of options) {
    const flag = flagOf(one)
    const option = new Option(usageOf(one), one.about)
    // Commander would name the value after the flag.
    option.attributeName = () => one.name
    const read = readers[one.form]
    if (read) option.argParser((text: string, before: unknown) => read(text, { flag, before, cwd }))
    command.addOption(option)
  }
}

function flagOf({ flag, name }: SandboxOption): string {
  return flag ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The option as it is written on the command line, such as `--port <n>`. */
export function usageOf(option: SandboxOption): string {
  return `--${flagOf(option)}${option.hint === undefined ? hints[option.form] : ` <${option.hint}>`}`
}

interface Place {
  flag: string
  /** What earlier values of the same option came to. */
  before: unknown
  cwd: string
}

const readers: Partial<Record<SandboxOption['form'], (text: string, place: Place) => unknown>> = {
  integer: (text, { flag }) => {
    if (/^\d{1,15}$/.test(text)) return Number(text)
    throw new UsageError(`\`--${flag}\` must be a whole number, not \`${text}\`.`)
  },
  duration: seconds,
  path: (text, { cwd }) => resolve(cwd, text),
  paths: (text, { before, cwd }) => [...((before as string[] | undefined) ?? []), resolve(cwd, text)],
  pairs: (text, { flag, before }) => {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`\`--${flag}\` must be given as name=value, not \`${text}\`.`)
    return { ...(before as object | undefined), [text.slice(0, at)]: text.slice(at + 1) }
  },
}

function seconds(text: string, { flag }: Place): number {
  try {
    return parseDuration(text) / 1_000
  } catch (error) {
    throw new UsageError(`\`--${flag}\`: ${(error as Error).message}`)
  }
}
