import type { BulkRow } from './row.ts'

/**
 * Parts rows into rounds of chunks. The chunks of one round may be sent side by side; a row that the same window holds again goes into a later round,
 * so that no chunk holds one row twice and repeats keep their order.
 */
export function roundsOfChunks(rows: readonly BulkRow[], size: number): BulkRow[][][] {
  const times = new Map<string, number>()
  const rounds: BulkRow[][][] = []
  for (const row of rows) {
    const round = times.get(row.identity) ?? 0
    times.set(row.identity, round + 1)
    rounds[round] ??= [[]]
    const chunks = rounds[round]
    if (chunks.at(-1)?.length === size) chunks.push([])
    chunks.at(-1)?.push(row)
  }
  return rounds
}
