import { readFileSync } from 'node:fs'
import type { Outside } from './commands/program.ts'

const loadCatalog = async () => (await import('../connectors/catalog.ts')).catalog

/** The whole program: arguments and streams in, exit status out. */
export async function main(process: NodeJS.Process): Promise<number> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  const args = process.argv.slice(2)
  if (args.length === 1 && ['--version', '-V'].includes(args[0] as string)) {
    process.stdout.write(`${version}\n`)
    return 0
  }
  // A reader that has seen enough (`| head`) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    process.stderr.write(`The output cannot be written (${error.message}). Make room, or send it elsewhere.\n`)
    process.exit(1)
  })
  // Nobody is left to be told; what is under way goes on.
  process.stderr.on('error', () => {})
  const { stop, abort, forget } = signals(process)
  const outside: Outside = {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    version,
    catalog: loadCatalog,
    stop,
    abort,
  }
  try {
    const { runCommand } = await import('./commands/index.ts')
    return await runCommand(args, outside)
  } finally {
    forget()
  }
}

/** First signal drains, second hurries. */
function signals(process: NodeJS.Process): { stop: AbortSignal; abort: AbortSignal; forget(): void } {
  const stop = new AbortController()
  const abort = new AbortController()
  const onSignal = () => {
    if (stop.signal.aborted) abort.abort(new Error('stopped'))
    else stop.abort(new Error('stopped'))
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return {
    stop: stop.signal,
    abort: abort.signal,
    forget: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  }
}
