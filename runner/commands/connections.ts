import { type EndWarning, endWarnings, type KeptSignIn, keptSignIns, minuteOf, type TokenStore, tokenKey } from '../connection/index.ts'
import type { Clock } from '../connector/index.ts'
import { status } from './program.ts'

export interface ConnectionsIo {
  tokens: TokenStore
  clock: Clock
  /** Masked, as every exit is. */
  out(text: string): void
}

/** Every kept sign-in: one JSON array, or a line each and below them what needs somebody. */
export async function list(
  { json, warnBeforeMs }: { json?: boolean; warnBeforeMs: number },
  { tokens, clock, out }: ConnectionsIo,
): Promise<number> {
  const now = clock.now()
  const kept = (await keptSignIns(tokens, now)).map((one) => ({ ...one, warnings: endWarnings(one.name, one.ends, now, warnBeforeMs) }))
  if (json) out(`${JSON.stringify(kept)}\n`)
  else if (kept.length === 0) out('No sign-in is kept. `runner connect <recipe>` makes one.\n')
  else out(table(kept))
  return status.ok
}

/** Wipes tokens and mark of one connection. */
export async function forget(name: string, { environment }: { environment: string }, { tokens, out }: ConnectionsIo): Promise<number> {
  if (await tokens.delete(tokenKey(name, environment))) {
    out(`The sign-in of "${name}" (${environment}) is forgotten here. The authority may keep the session until it lapses.\n`)
    return status.ok
  }
  out(`No sign-in of "${name}" is kept for the environment ${environment}. \`runner connections\` lists what is.\n`)
  return status.usage
}

type Listed = KeptSignIn & { warnings: EndWarning[] }

function table(kept: readonly Listed[]): string {
  const rows = [['name', 'environment', 'state', 'who', 'since', 'lapses'], ...kept.map(cells)]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const reasons = kept.flatMap(({ name, why, warnings }) => [
    ...(why === undefined ? [] : [`\n${name}: ${why}`]),
    ...warnings.map(({ message }) => `\n! ${message}`),
  ])
  return `${[
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...reasons,
  ].join('\n')}\n`
}

/** What lapses first is shown, marked where that is soon. */
function cells({ name, environment, state, actor, who, since, ends: [first], warnings }: Listed): string[] {
  const day = (time: string | undefined) => (time === undefined ? '-' : minuteOf(time))
  const lapses = `${day(first?.at)}${warnings.length > 0 ? ' !' : ''}`
  return [name, environment, state.replaceAll('_', ' '), who ?? (actor === 'app' ? 'the app itself' : '-'), day(since), lapses]
}
