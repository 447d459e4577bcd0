import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnyAction, AnyConnector, AnyTrigger, ConnectorEntry, OperationEntry } from '../runner/connector/index.ts'
import { plainSchema } from './plain.ts'

export type OperationData = Omit<OperationEntry, 'load'>
export type ConnectorData = Omit<ConnectorEntry, 'load' | 'operations'> & { operations: Record<string, OperationData> }

export interface Scan {
  /** By connector name, sorted. */
  connectors: Record<string, ConnectorData>
  /** Path below `connectors/` of the module that declares a connector or an operation, by name. */
  modules: Record<string, string>
  /** Modules that could not be used, each with the reason. */
  failures: string[]
}

/**
 * Reads every `<folder>/<connector>/connection.ts`, `triggers/*.ts` and `actions/*.ts`; each exports its declaration as default.
 *
 * A module that does not import is left out and reported, so that one unfinished connector does not hide the others.
 */
export async function scanConnectors(folder: string): Promise<Scan> {
  const scan: Scan = { connectors: {}, modules: {}, failures: [] }
  for (const name of names(folder, (entry) => entry.isDirectory())) {
    const connector = await declaration<AnyConnector>(folder, `${name}/connection.ts`, scan)
    if (!connector) continue
    if (connector.name !== name) scan.failures.push(`${name}/connection.ts declares "${connector.name}"; folder and name must be the same`)
    scan.modules[name] = `${name}/connection.ts`
    scan.connectors[name] = { ...connectorData(connector), operations: await scanOperations(folder, name, scan) }
  }
  return scan
}

async function scanOperations(folder: string, connector: string, scan: Scan): Promise<Record<string, OperationData>> {
  const operations: Record<string, OperationData> = {}
  for (const kind of ['trigger', 'action'] as const) {
    for (const file of names(join(folder, connector, `${kind}s`), (entry) => entry.name.endsWith('.ts'))) {
      const path = `${connector}/${kind}s/${file}`
      const operation = await declaration<AnyTrigger | AnyAction>(folder, path, scan)
      if (!operation) continue
      const name = operationName(connector, file)
      if (operation.kind !== kind) scan.failures.push(`${path} declares a ${operation.kind}`)
      if (name in operations) scan.failures.push(`${path}: ${name} is declared twice`)
      scan.modules[name] = path
      operations[name] = operationData(operation)
    }
  }
  return operations
}

/** `dynamics365` and `create-record.ts` give `dynamics365.create_record`. */
export function operationName(connector: string, file: string): string {
  return `${connector}.${file.replace(/\.ts$/, '').replaceAll('-', '_')}`
}

function connectorData({ name, title, description, settings, rules, auth, sandbox }: AnyConnector): Omit<ConnectorData, 'operations'> {
  return {
    name,
    title,
    description,
    settings: plainSchema(settings),
    rules: (rules ?? []).map(plainSchema),
    auth: auth !== undefined,
    sandbox: sandbox !== undefined,
  }
}

function operationData(operation: AnyTrigger | AnyAction): OperationData {
  const { kind, title, description, input, examples } = operation
  const shared = { kind, title, description, input: plainSchema(input) }
  if (operation.kind === 'trigger') return { ...shared, output: plainSchema(operation.event), since: operation.since ?? 'now', examples }
  const { output, effect, afterUnknownEffect } = operation
  return { ...shared, output: plainSchema(output), effect, afterUnknownEffect, examples }
}

async function declaration<T>(folder: string, path: string, scan: Scan): Promise<T | undefined> {
  try {
    const module = (await import(pathToFileURL(join(folder, path)).href)) as { default?: T }
    if (module.default !== undefined) return module.default
    scan.failures.push(`${path} has no default export; export the declaration as default`)
  } catch (thrown) {
    scan.failures.push(`${path} does not import: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  }
  return undefined
}

function names(folder: string, wanted: (entry: { name: string; isDirectory(): boolean }) => boolean): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(wanted)
      .map((entry) => entry.name)
      .sort()
  } catch {
    return []
  }
}
