import {
  type ConnectionPorts,
  type ConnectionSpec,
  type End,
  type EndWarning,
  endWarnings,
  minuteOf,
  openConnection,
} from '../connection/index.ts'
import { ConnectorError } from '../connector/index.ts'
import { findAll } from './find.ts'
import { type Program, status } from './program.ts'
import { specOf } from './sign-in.ts'
import { tellProblems } from './tell-problems.ts'
import { openWorkspace } from './workspace.ts'

/** How it went with one connection; a line of `--json`. */
export interface KeptAlive {
  connection: string
  environment: string
  /**
   * `prolonged`: it lives on. `fixed`: the sign-in works, but no use moves its end. `by_itself`: no person signs in, so there is nothing to prolong.
   * `needs_person`: only somebody can mend it. `failed`: the next time it may succeed.
   */
  outcome: 'prolonged' | 'fixed' | 'by_itself' | 'needs_person' | 'failed'
  /** Of the sign-in. */
  end?: End
  /** Of the failure. */
  code?: string
  message?: string
  warnings: EndWarning[]
}

export interface KeepAliveOptions {
  env: string
  json?: boolean
}

/** `runner connections keepalive`: every connection of the files once. */
export async function keepAllAlive(paths: string[], { env, json }: KeepAliveOptions, program: Program): Promise<number> {
  const catalog = await program.catalog()
  const { found, problems, texts } = await findAll(paths, program, catalog)
  tellProblems(problems, texts, program)
  const outcomes = new Set<KeptAlive['outcome']>()
  for (const { root, connections } of found.filter((below) => below.connections.length > 0)) {
    const workspace = await openWorkspace(root, program)
    try {
      for (const block of connections.filter(({ connector }) => catalog[connector]?.auth)) {
        const ports = workspace.connectionPorts(env)
        const kept = await specOf(block, { env }, workspace).then(
          (spec) => keepAlive(spec, ports),
          (thrown): KeptAlive => ({ connection: block.name, environment: env, ...failureOf(thrown), warnings: [] }),
        )
        outcomes.add(kept.outcome)
        workspace.out(json ? `${JSON.stringify(kept)}\n` : wordsOf(kept))
      }
    } finally {
      await workspace.close()
    }
  }
  if (outcomes.has('needs_person')) return status.needsPerson
  if (problems.some(({ severity }) => severity === 'error')) return status.usage
  return outcomes.has('failed') ? status.fault : status.ok
}

/** Uses the refresh token of one connection as a run would, though the access token may still hold. */
export async function keepAlive(spec: ConnectionSpec, ports: ConnectionPorts & { warnBeforeMs: number }): Promise<KeptAlive> {
  const connection = openConnection(spec, ports)
  try {
    const byItself = connection.actor !== 'person'
    const failure = byItself ? undefined : await connection.renew().catch(failureOf)
    const ends = await connection.ends()
    const end = ends.find(({ what }) => what === 'sign-in')
    return {
      connection: spec.name,
      environment: spec.environment,
      ...(failure ?? { outcome: byItself ? 'by_itself' : end?.fixed ? 'fixed' : 'prolonged' }),
      ...(end && { end }),
      warnings: endWarnings(spec.name, ends, ports.clock.now(), ports.warnBeforeMs),
    }
  } finally {
    await connection.close()
  }
}

/** What may pass is tried again by the next call; all else waits for somebody. */
function failureOf(thrown: unknown): Pick<KeptAlive, 'outcome' | 'code' | 'message'> {
  if (!(thrown instanceof ConnectorError) || thrown.kind === 'bug') throw thrown
  const { kind, code, message } = thrown
  return { outcome: kind === 'transient' || kind === 'rate_limited' ? 'failed' : 'needs_person', code, message }
}

function wordsOf({ connection, environment, outcome, end, code, message, warnings }: KeptAlive): string {
  const until = end ? `${minuteOf(end.at)} UTC` : 'an end that nobody tells'
  const said = {
    prolonged: `lives without use until ${until}.`,
    fixed: `works, but cannot be prolonged; it ends on ${until}.`,
    by_itself: 'has nothing to prolong: it signs in by itself.',
    needs_person: `needs somebody [${code}]: ${message}`,
    failed: `could not be prolonged this time [${code}]: ${message}`,
  }
  return [`"${connection}" (${environment}) ${said[outcome]}`, ...warnings.map((warning) => `! ${warning.message}`), ''].join('\n')
}
