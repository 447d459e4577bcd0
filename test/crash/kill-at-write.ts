/**
 * Preload that kills its process with SIGKILL at the n-th point (`KILL_AT`): before and after everything that changes a file or a database, from the first
 * file on that is written.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { DatabaseSync, StatementSync } from 'node:sqlite'

const at = Number(process.env.KILL_AT ?? 0)
let points = 0
let begun = false

function point(): void {
  if (begun) points++
  if (points === at) process.kill(process.pid, 'SIGKILL')
}

/** The method, with a point on either side. */
function around<This, Args extends unknown[], Result>(method: (this: This, ...args: Args) => Result) {
  return function (this: This, ...args: Args): Result {
    point()
    const result = method.apply(this, args)
    point()
    return result
  }
}

const write = around(fs.writeFileSync)
fs.writeFileSync = (...args) => {
  begun = true
  write(...args)
}
fs.renameSync = around(fs.renameSync)
fs.fsyncSync = around(fs.fsyncSync)
syncBuiltinESMExports()
DatabaseSync.prototype.exec = around(DatabaseSync.prototype.exec)
StatementSync.prototype.run = around(StatementSync.prototype.run) as typeof StatementSync.prototype.run
