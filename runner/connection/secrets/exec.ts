import { type ExecFileException, execFile } from 'node:child_process'
import { filled, type SecretSource, sourceFailed } from './source.ts'

const mostBytes = 1_000_000

export interface ExecOptions {
  /** Relative programs start from it. */
  root: string
  env: Record<string, string | undefined>
  /** Default 30 s. */
  patienceMs?: number
}

/**
 * A program that prints a secret, such as a vault's client; run without a shell.
 * @param command program and arguments; `{name}` in one of them becomes the secret's name, which else comes last
 */
export function execSource([program = '', ...args]: readonly string[], options: ExecOptions): SecretSource {
  const named = args.some((arg) => arg.includes('{name}'))
  return {
    async find(name) {
      const given = named ? args.map((arg) => arg.replaceAll('{name}', name)) : [...args, name]
      const value = await run(program, given, name, options)
      return filled(value.replace(/\r?\n$/, ''), `\`${[program, ...given].join(' ')}\``, 'empty')
    },
  }
}

function run(program: string, args: readonly string[], name: string, { root, env, patienceMs = 30_000 }: ExecOptions): Promise<string> {
  // The store's key is nobody's business.
  const { RUNNER_KEY: _, ...handed } = env
  return new Promise((resolve, reject) => {
    const limits = { timeout: patienceMs, killSignal: 'SIGKILL' as const, maxBuffer: mostBytes }
    const child = execFile(
      program,
      args,
      { ...limits, cwd: root, env: handed, encoding: 'utf8', windowsHide: true },
      (error, stdout, stderr) => {
        if (error) reject(sourceFailed(`\`${program}\` was asked for the secret ${name}, but ${whatHappened(error, stderr, patienceMs)}`))
        else resolve(stdout)
      },
    )
    // It would wait for an answer that nobody gives.
    child.stdin?.end()
  })
}

/** Never with its standard output: that may be half a secret. */
function whatHappened({ code, killed, signal }: ExecFileException, stderr: string, patienceMs: number): string {
  if (code === 'ENOENT') return 'there is no such program. Install it, or correct `exec` in runner.yaml.'
  if (code === 'EACCES') return 'it may not be run. Make it executable.'
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `it printed more than ${mostBytes / 1_000_000} MB. It must print the secret alone.`
  if (killed) return `it took longer than ${patienceMs / 1_000} s. See whether it waits for something.`
  const words = stderr.trim().split('\n')[0]
  return `it ended with ${code ?? signal}${words ? `: ${words}` : ' and no word'}. Run it by hand to see why.`
}
