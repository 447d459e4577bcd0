#!/usr/bin/env node
// Plain JavaScript, so that an old Node says what it needs instead of dying on syntax; cron calls this file directly.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
// By the default export: a name that an old Node lacks would be an error before the first line runs.
import module from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 22 || (major === 22 && minor >= 18)) {
  // Small young generations: equal speed, and a hundred megabytes less at the peak.
  setFlagsFromString('--max-semi-space-size=4')
  // Node 22 announces on every run that its SQLite is experimental.
  process.removeAllListeners('warning')
  process.on('warning', (warning) => warning.name === 'ExperimentalWarning' || console.error(warning.stack))
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'runner'))
  const { main } = await import('./cli.ts')
  process.exitCode = await main(process)
} else {
  const own = ownNode()
  if (own) handOver(own)
  else {
    console.error(
      `runner needs Node 22.18 or newer; this is ${process.version} (${process.execPath}). Install a newer Node, or put one first in PATH.`,
    )
    process.exitCode = 1
  }
}

/** The Node that came with the checkout, where there is one. */
function ownNode() {
  try {
    const manifest = module
      .createRequire(import.meta.url)
      .resolve(`node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}/package.json`)
    const path = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

function handOver(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}
