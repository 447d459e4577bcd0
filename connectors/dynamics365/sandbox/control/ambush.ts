import type { Directory } from '../identity/directory.ts'
import { expireAccessTokens, killRefreshTokens, OrderError } from './orders.ts'

/** Orders that are carried out when a request comes, before it is looked at: so a sign-in dies between two steps of a client, at a place that can be named. */
export interface Ambush {
  /** Waits once for a Web API request whose address contains `path`. */
  lay(order: Record<string, unknown>): Record<string, unknown>
  /** Called with every Web API request. */
  spring(rawUrl: string): void
}

const orders: Record<string, (directory: Directory) => unknown> = {
  'refresh-tokens/kill': (directory) => killRefreshTokens(directory, {}),
  'access-tokens/expire': expireAccessTokens,
}

export function createAmbush(directory: Directory): Ambush {
  let waiting: { path: string; names: string[] }[] = []
  return {
    lay({ path, do: names }) {
      if (typeof path !== 'string') throw new OrderError('`path` must be a part of the address to wait for.')
      if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === 'string' && Object.hasOwn(orders, name)))
        throw new OrderError(`\`do\` must be a list of ${Object.keys(orders).join(', ')}.`)
      waiting.push({ path, names })
      return { waiting: waiting.length }
    },
    spring(rawUrl) {
      const sprung = waiting.find(({ path }) => rawUrl.includes(path))
      if (!sprung) return
      waiting = waiting.filter((one) => one !== sprung)
      for (const name of sprung.names) orders[name]?.(directory)
    },
  }
}
