/**
 * Preload that kills its process with SIGKILL at the n-th point (`KILL_AT`): before and after every commit of the store, before every HTTP request, when it
 * is sent, when its answer begins and when it has come. Without `KILL_AT` it writes the names of the points, a line each, to `KILL_COUNT`.
 */
import { writeFileSync } from 'node:fs'
import http, { type IncomingMessage } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync } from 'node:sqlite'

const at = Number(process.env.KILL_AT ?? 0)
const points: string[] = []

function point(name: string): void {
  points.push(name)
  if (points.length === at) process.kill(process.pid, 'SIGKILL')
}

const exec = DatabaseSync.prototype.exec
DatabaseSync.prototype.exec = function (text) {
  if (text.trim().toLowerCase() !== 'commit') return exec.call(this, text)
  point('commit')
  exec.call(this, text)
  point('committed')
}

const request = http.request
http.request = ((...args: Parameters<typeof request>) => {
  point('request')
  const sent = request(...args)
  sent.prependListener('finish', () => point('sent'))
  sent.prependListener('response', (answer: IncomingMessage) => {
    point('answer')
    answer.prependListener('end', () => point('answered'))
  })
  return sent
}) as typeof request
syncBuiltinESMExports()

process.on('exit', () => {
  if (process.env.KILL_COUNT) writeFileSync(process.env.KILL_COUNT, points.map((name) => `${name}\n`).join(''))
})
