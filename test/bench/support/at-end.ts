/** Preload that writes what the process has used to the file `USAGE_FILE` when it ends. */
import { writeFileSync } from 'node:fs'

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const used = { cpuMs: (userCPUTime + systemCPUTime) / 1_000, peakMb: maxRSS / 1_024 }
  writeFileSync(process.env.USAGE_FILE as string, JSON.stringify(used))
})
