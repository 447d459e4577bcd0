import { relative } from 'node:path'
import { look, type OpenConnection, openConnection } from '../../connection/index.ts'
import type { OperationUse } from '../../connector/index.ts'
import type { ConnectionBlock } from '../../recipe/index.ts'
import { type Found, findAll } from '../find.ts'
import { type Program, status, UsageError, wantsColor } from '../program.ts'
import { specOf } from '../sign-in.ts'
import { openWorkspace, type Workspace } from '../workspace.ts'
import { failed, runChecks, type Tell } from './check.ts'
import { linkChecks, machineChecks, rootChecks } from './checks.ts'
import type { Link } from './link.ts'
import { jsonReport, textReport } from './report.ts'
import { usesOf } from './uses.ts'

export interface DoctorOptions {
  env: string
  json?: boolean
}

/** `runner doctor`: each link from this machine to the rights in the system, for every connection of the files. */
export async function doctor(paths: string[], options: DoctorOptions, program: Program): Promise<number> {
  let sound = true
  const report = (options.json ? jsonReport : textReport)((text) => program.stdout.write(text), wantsColor(program))
  const tell: Tell = (line) => {
    sound &&= line.result !== 'failed'
    report(line)
  }
  await runChecks(machineChecks, undefined, 'This machine', tell)
  const { found, problems } = await findAll(paths, program, await program.catalog())
  for (const { file, line, column, severity, message, code } of problems)
    tell({
      subject: relative(program.cwd, file),
      check: `line ${line}:${column}`,
      result: severity === 'error' ? 'failed' : 'warning',
      says: message,
      code,
    })
  for (const below of found) {
    const workspace = await openWorkspace(below.root, program).catch((thrown) => {
      // Its problems have been told with those of the other files.
      if (!(thrown instanceof UsageError)) tell({ subject: below.root, check: 'store', ...failed(thrown) })
    })
    if (!workspace) continue
    try {
      if (await runChecks(rootChecks, workspace, below.root, tell))
        await checkConnections(below, workspace, options.env, program.stop, tell)
    } finally {
      await workspace.close()
    }
  }
  return sound ? status.ok : status.fault
}

async function checkConnections(
  { recipes, connections }: Found,
  workspace: Workspace,
  env: string,
  signal: AbortSignal,
  tell: Tell,
): Promise<void> {
  const uses = usesOf(recipes)
  for (const block of connections) {
    const subject = `Connection "${block.name}" (${env})`
    const link = await linkOf(block, workspace, env, uses.get(block.name) ?? [], signal).catch((thrown) =>
      tell({ subject, check: 'settings', ...failed(thrown) }),
    )
    if (!link) continue
    tell({ subject, check: 'settings', result: 'ok', says: 'complete, with every secret that they name' })
    try {
      await runChecks(linkChecks, link, subject, tell)
    } finally {
      await link.connection.close()
    }
  }
}

/** @throws ConnectorError where the settings cannot be used */
async function linkOf(
  block: ConnectionBlock,
  workspace: Workspace,
  env: string,
  uses: readonly OperationUse[],
  signal: AbortSignal,
): Promise<Link> {
  const { clock, settings } = workspace
  const spec = await specOf(block, { env }, workspace)
  const connection: OpenConnection = openConnection(spec, workspace.connectionPorts(env))
  let looked: ReturnType<Link['look']> | undefined
  return {
    spec,
    connection,
    baseUrl: spec.connector.transport?.(spec.settings).baseUrl,
    look() {
      looked ??= look(spec, clock, signal)
      return looked
    },
    uses,
    clock,
    warnBeforeMs: settings.warnBeforeMs,
    signal,
  }
}
