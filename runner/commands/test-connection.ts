import { type ConnectionPorts, type ConnectionSpec, endWarnings, openConnection } from '../connection/index.ts'
import { status } from './program.ts'

/** One cheap call over a connection, which says who we are there; it asks the token endpoint also where that refused before. What fails goes to the caller with its code. */
export async function testConnection(
  spec: ConnectionSpec,
  { out, signal, warnBeforeMs, ...ports }: ConnectionPorts & { out(text: string): void; warnBeforeMs: number; signal: AbortSignal },
): Promise<number> {
  const { test, title } = spec.connector
  if (!test) {
    out(`"${spec.name}" (${title}) has no call that would prove it.\n`)
    return status.ok
  }
  const connection = openConnection(spec, ports)
  try {
    await connection.askAgain()
    const { identity } = await test(connection.client, signal)
    out(`"${spec.name}" works: ${identity}.\n`)
    for (const { message, at } of endWarnings(spec.name, await connection.ends(), ports.clock.now(), warnBeforeMs))
      ports.log.warn(message, { connection: spec.name, at })
    return status.ok
  } finally {
    await connection.close()
  }
}
