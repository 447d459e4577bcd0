import { readFileSync } from 'node:fs'
import type { Check } from './check.ts'

/** Node is at least what the package asks for. */
export const nodeVersion: Check<unknown> = {
  title: 'Node',
  async run() {
    const { engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { engines: { node: string } }
    const wanted = engines.node.replace('>=', '')
    return isOlder(process.versions.node, wanted)
      ? { result: 'failed', says: `Node ${process.versions.node} is older than ${wanted}.`, todo: `Install Node ${wanted} or later.` }
      : { result: 'ok', says: `${process.versions.node} on ${process.platform} ${process.arch}` }
  },
}

/** @param version such as `22.18.0`; parts that are missing are 0 */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const differs = [0, 1, 2].find((part) => (a[part] ?? 0) !== (b[part] ?? 0))
  return differs !== undefined && (a[differs] ?? 0) < (b[differs] ?? 0)
}
