import type { Log } from '../connector/index.ts'

/** Lines on stderr: `level message key=value …`. `debug` only where RUNNER_LOG asks for it. */
export function stderrLog(write: (text: string) => void, level: string | undefined): Log {
  const line =
    (name: string) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      const rest = Object.entries(fields).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
      write(`${name} ${message}${rest.join('')}\n`)
    }
  return {
    debug: level === 'debug' ? line('debug') : () => {},
    info: level === 'debug' || level === 'info' ? line('info') : () => {},
    warn: line('warn'),
  }
}
