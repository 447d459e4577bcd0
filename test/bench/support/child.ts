import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** What a process has used so far. */
export interface Usage {
  /** Time of all its threads on the processor, in milliseconds. */
  cpuMs: number
  /** In which its event loop was not waiting for anything to do, in milliseconds. */
  busyMs: number
  /** Resident memory, in megabytes as the rest. */
  rssMb: number
  /** Of it, objects of JavaScript. */
  heapMb: number
  /** The most that was resident so far. */
  peakMb: number
}

/** Flags that make a process answer {@link usage}. The small young generation is that of `runner/bin.js`. */
export const measured = ['--max-semi-space-size=4', '--import', join(import.meta.dirname, 'usage.ts')]

/** Asks a process that was started with a channel and with {@link measured}. */
export async function usage(child: ChildProcess): Promise<Usage> {
  const answered = once(child, 'message')
  child.send('usage')
  return (await answered)[0] as Usage
}
