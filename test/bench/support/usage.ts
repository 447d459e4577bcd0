/** Preload that tells the parent process what this one has used, whenever it is asked. */
import type { Usage } from './child.ts'

process.on('message', (question) => {
  if (question !== 'usage') return
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  const { rss, heapUsed } = process.memoryUsage()
  const used: Usage = {
    cpuMs: (userCPUTime + systemCPUTime) / 1_000,
    busyMs: performance.eventLoopUtilization().active,
    rssMb: rss / 1_048_576,
    heapMb: heapUsed / 1_048_576,
    peakMb: maxRSS / 1_024,
  }
  process.send?.(used)
})
// Whoever is only listened to by its parent shall still end.
process.channel?.unref()
