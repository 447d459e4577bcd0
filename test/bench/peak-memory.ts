/** Preload that writes the process's peak resident memory, in kilobytes, to `PEAK_FILE` when it ends. */
import { writeFileSync } from 'node:fs'

process.on('exit', () => writeFileSync(process.env.PEAK_FILE as string, String(process.resourceUsage().maxRSS)))
