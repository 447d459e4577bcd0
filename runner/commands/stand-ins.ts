import type { Catalog, RunningSandbox } from '../connector/index.ts'
import type { Recipe } from '../recipe/recipe.ts'
import { UsageError } from './program.ts'

/** Settings of sandboxes, by connector, and how to end those that were started. */
export interface StandIns {
  settings: Record<string, Record<string, unknown>>
  close(): Promise<void>
}

export const noStandIns: StandIns = { settings: {}, close: async () => {} }

/** Starts a throw-away sandbox for every connector of the recipes that brings one. */
export async function startSandboxes(recipes: readonly Recipe[], catalog: Catalog): Promise<StandIns> {
  const names = new Set(recipes.flatMap((recipe) => Object.values(recipe.connections).map((block) => block.connector)))
  const running: [string, RunningSandbox][] = []
  for (const name of names) {
    const module = catalog[name]?.sandbox ? await (await catalog[name].load()).sandbox?.() : undefined
    if (module) running.push([name, await module.startSandbox({})])
  }
  return {
    settings: Object.fromEntries(running.map(([name, { settings }]) => [name, settings])),
    close: async () => {
      for (const [, sandbox] of running) await sandbox.close()
    },
  }
}

/** Asks a running Dynamics 365 sandbox how to connect to it. */
export async function runningSandbox(url: string): Promise<StandIns> {
  if (!URL.canParse('/sandbox/connection', url))
    throw new UsageError(`\`${url}\` is no address of a sandbox. It begins with http://, as \`runner sandbox\` prints it.`)
  const address = new URL('/sandbox/connection', url)
  const answer = await fetch(address).catch((error: Error) => {
    throw new UsageError(
      `There is no sandbox at ${url}: ${error.cause instanceof Error ? error.cause.message : error.message}. Start one with \`runner sandbox\`.`,
    )
  })
  if (!answer.ok) throw new UsageError(`${url} is no sandbox: it answers ${answer.status} to ${address.pathname}.`)
  const { refresh_token: _, ...connection } = (await answer.json()) as Record<string, string>
  return { settings: { dynamics365: { account_type: 'cloud', auth: 'client_credentials', ...connection } }, close: noStandIns.close }
}
