import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflate } from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

const packed = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', 'bin')

/** Starts the Chromium that came with the packages: nothing of the machine is needed but its C library. */
export async function launchBrowser(): Promise<Browser> {
  const folder = await unpacked()
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  })
}

/** Unpacked once for all test files. It appears under its name only when it is whole. */
async function unpacked(): Promise<string> {
  const folder = join(tmpdir(), `runner-browser-${process.getuid?.() ?? 0}-153`)
  if (existsSync(folder)) return folder
  const own = mkdtempSync(join(tmpdir(), 'runner-test-browser-'))
  const before = process.env.TMPDIR
  process.env.TMPDIR = own
  try {
    for (const name of ['chromium.br', 'al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br']) await inflate(join(packed, name))
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  // The package's own file expects its fonts elsewhere, and without any font the browser ends.
  writeFileSync(join(own, 'fonts.conf'), `<fontconfig><dir>${folder}/fonts</dir><cachedir>${folder}/cache</cachedir></fontconfig>`)
  try {
    renameSync(own, folder)
  } catch {
    // Another test file was faster.
    rmSync(own, { recursive: true, force: true })
  }
  return folder
}
