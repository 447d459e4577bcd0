/**
 * Runs every test file in a process of its own, several at a time: `node test/run.ts [part of a path …]`.
 *
 * uvu alone exits 0 on a hook that throws, on a file without `.run()` and on a promise that never settles, and hangs on a leaked handle.
 * Here a file has passed only if it exited 0, printed uvu's summary with at least one test, every test in it passed, and it ended within two seconds of the summary.
 */
import { spawn } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { canary } from './support/canary.ts'

const limitMs = Number(process.env.TEST_FILE_TIMEOUT_MS ?? 600_000)
const leakMs = 2_000
/** Where the tests put their files: kept until all have run. */
const testRoot = mkdtempSync(join(tmpdir(), 'runner-tests-'))

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
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', TEST_ROOT: testRoot },
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
// The longest first, so that no core waits for the last file.
const queue = files.toSorted((a, b) => Number(b.includes('/crash/')) - Number(a.includes('/crash/')))
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

/** Where secrets belong, as users keep them; the program writes none of these. */
const secretFile = /^(\.env|token|.+\.pem)$/

/** Everything that the tests printed and left behind (stores, logs, files) is searched for secrets, but for the files that hold them. */
function leaks(): string[] {
  const left = globSync(join(testRoot, '**/*'), { withFileTypes: true }).filter(
    (entry) => entry.isFile() && !secretFile.test(entry.name) && basename(entry.parentPath) !== 'run-secrets',
  )
  const texts = left.map((entry): [string, string] => [
    join(entry.parentPath, entry.name),
    readFileSync(join(entry.parentPath, entry.name), 'latin1'),
  ])
  return [...results.map(({ file, output }): [string, string] => [`output of ${file}`, output]), ...texts]
    .filter(([, text]) => canary.test(text))
    .map(([where]) => where)
}
const leaked = leaks()
for (const where of leaked) process.stdout.write(`FAIL a token or secret of the sandbox stands in ${where}\n`)
rmSync(testRoot, { recursive: true, force: true })

const sum = (pick: (result: Result) => number) => results.reduce((total, result) => total + pick(result), 0)
const failed = sum((result) => result.failed) + leaked.length + (files.length === 0 ? 1 : 0)
if (files.length === 0) process.stdout.write('no test file matches\n')
const skipped = sum((result) => result.skipped)
process.stdout.write(`${sum((result) => result.passed)} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`)
process.exitCode = failed ? 1 : 0
