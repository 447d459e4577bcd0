import type { SandboxOptions } from '../options.ts'
import type { Scenario } from './read.ts'

/** The options with those of their scenario file, where they name one; what is given wins, of switches by name. @throws ConnectorError */
export async function withScenario({ scenario: file, ...given }: SandboxOptions): Promise<Scenario> {
  const ownPlace = (name: string, index: number) => `The sandbox's option \`${name}\`, item ${index + 1}`
  if (file === undefined) return { options: given, place: ownPlace }
  const { readScenario } = await import('./read.ts')
  const { options, place } = readScenario(file)
  return {
    options: {
      ...options,
      ...given,
      ...((options.switches ?? given.switches) && { switches: { ...options.switches, ...given.switches } }),
    },
    place: (name, index) => (name in given ? ownPlace : place)(name, index),
  }
}
