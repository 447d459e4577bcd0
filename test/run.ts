/**
 * Runs every test file in a process of its own, several at a time: `node test/run.ts [part of a path …]`.
 *
 * uvu alone exits 0 on a hook that throws, on a file without `.run()` and on a promise that never settles, and hangs on a leaked handle.
 * Here a file has passed only if it exited 0, printed uvu's summary with at least one test, every test in it passed, and it ended within two seconds of the summary.
 */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'

const limitMs = Number(process.env.TEST_FILE_TIMEOUT_MS ?? 300_000)
const leakMs = 2_000

const wanted = process.argv.slice(2)
const files = globSync('test/**/*.test.ts')
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort()

interface Result {
  file: string
  passed: number
  failed: number
  skipped: number
  why?: string
  output: string
}

function runFile(file: string): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    })
    let output = ''
    let why: string | undefined
    const kill = (reason: string) => {
      why = reason
      child.kill('SIGKILL')
    }
    const late = setTimeout(() => kill(`ran longer than ${limitMs} ms`), limitMs)
    let leak: NodeJS.Timeout | undefined
    const read = (chunk: Buffer) => {
      output += chunk
      if (!leak && /^\s*Skipped:\s+\d+/m.test(output)) leak = setTimeout(() => kill('did not end: a handle was left open'), leakMs)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('close', (code) => {
      clearTimeout(late)
      clearTimeout(leak)
      const number = (word: string) => Number(output.match(new RegExp(`^\\s*${word}:\\s+(\\d+)`, 'm'))?.[1] ?? Number.NaN)
      // uvu's total leaves the skipped ones out.
      const [total, passed, skipped] = [number('Total'), number('Passed'), number('Skipped')]
      if (Number.isNaN(total)) why ??= code === 0 ? 'ended before its tests did, or has no `.run()`' : `exited with ${code}`
      else if (total === 0) why ??= 'has no test'
      else if (code !== 0 && passed === total) why ??= `exited with ${code}`
      const failed = Number.isNaN(total) ? 1 : Math.max(total - passed, why ? 1 : 0)
      resolve({ file, passed: passed || 0, failed, skipped: skipped || 0, ...(why && { why }), output })
    })
  })
}

const results: Result[] = []
const queue = [...files]
async function worker(): Promise<void> {
  for (let file = queue.shift(); file; file = queue.shift()) {
    const started = performance.now()
    const result = await runFile(file)
    results.push(result)
    const ok = result.failed === 0
    process.stdout.write(
      `${ok ? 'ok  ' : 'FAIL'} ${file} (${result.passed} in ${Math.round(performance.now() - started)} ms)${result.why ? `: ${result.why}` : ''}\n`,
    )
    if (!ok) process.stdout.write(`${result.output.trimEnd()}\n`)
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker))

const sum = (pick: (result: Result) => number) => results.reduce((total, result) => total + pick(result), 0)
const failed = sum((result) => result.failed) + (files.length === 0 ? 1 : 0)
if (files.length === 0) process.stdout.write('no test file matches\n')
const skipped = sum((result) => result.skipped)
process.stdout.write(`${sum((result) => result.passed)} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`)
process.exitCode = failed ? 1 : 0
