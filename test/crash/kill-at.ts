/**
 * Preload that kills its process with SIGKILL at the n-th point (`KILL_AT`): before and after every commit of the store, before every HTTP request and at
 * every answer. Without `KILL_AT` it writes how many points there were to `KILL_COUNT`.
 */
import { writeFileSync } from 'node:fs'
import http from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync } from 'node:sqlite'

const at = Number(process.env.KILL_AT ?? 0)
let points = 0

function point(): void {
  points++
  if (points === at) process.kill(process.pid, 'SIGKILL')
}

const exec = DatabaseSync.prototype.exec
DatabaseSync.prototype.exec = function (text) {
  if (text.trim().toLowerCase() !== 'commit') return exec.call(this, text)
  point()
  exec.call(this, text)
  point()
}

const request = http.request
http.request = ((...args: Parameters<typeof request>) => {
  point()
  const sent = request(...args)
  sent.prependListener('response', point)
  return sent
}) as typeof request
syncBuiltinESMExports()

process.on('exit', () => {
  if (process.env.KILL_COUNT) writeFileSync(process.env.KILL_COUNT, String(points))
})
