/** A process that asks for one access token, over the real store and connection room, and uses it: `node asks.ts <JSON>`. Says when it begins. */
import { openConnection } from '../../runner/connection/index.ts'
import { parseJson } from '../../runner/connector/index.ts'
import { openStore } from '../../runner/store/index.ts'
import { testPorts, testSpec } from '../support/test-connection.ts'

const { file, key, url, spec } = JSON.parse(process.argv[2] as string)
const store = await openStore({ file, key: Buffer.from(key, 'base64'), parse: parseJson })
const { ports } = testPorts()
const clock = { now: () => new Date(), sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) }
const connection = openConnection(testSpec(url, spec), { ...ports, tokens: store.tokens, clock })
// Loaded before it begins, so that the moments of a kill fall into the renewal.
await Promise.all([import('got'), import('oauth4webapi'), import('p-retry')])
process.send?.('begins')
const { status } = await connection.request({ method: 'GET', url: 'WhoAmI' })
await connection.close()
await store.close()
process.disconnect?.()
process.exitCode = status === 200 ? 0 : 1
