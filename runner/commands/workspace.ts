import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { homedir, platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type MaskRegistry, openSecrets } from '../connection/index.ts'
import { type Catalog, type Clock, type Log, parseJson } from '../connector/index.ts'
import type { ConnectionPorts } from '../engine/index.ts'
import { formatProblem } from '../recipe/index.ts'
import { readSettings, type Settings } from '../settings/index.ts'
import { type KeySource, openStore, type Store } from '../store/index.ts'
import { systemClock } from './clock.ts'
import { stderrLog } from './log.ts'
import { type Program, UsageError, wantsColor } from './program.ts'

/** Everything that commands on one root share: store, secrets and their masks, log, time. */
export interface Workspace {
  root: string
  /** What `runner.yaml` says. */
  settings: Settings
  store: Store
  storeFile: string
  keySource: KeySource
  mask: MaskRegistry
  clock: Clock
  log: Log
  catalog: Catalog
  out(text: string): void
  connectionPorts(environment: string, standIns?: ConnectionPorts['standIns']): ConnectionPorts
  close(): Promise<void>
}

/**
 * Opens the store of a root and reads where its secrets are.
 * @param throwAway a store in a temporary folder, gone at the end: for sandboxes started for one run
 * @throws UsageError where `runner.yaml` is wrong
 */
export async function openWorkspace(root: string, program: Program, { throwAway = false } = {}): Promise<Workspace> {
  const settings = await settingsOf(root, program)
  const folder = throwAway ? mkdtempSync(join(tmpdir(), 'runner-')) : undefined
  const file = folder ? join(folder, 'store.db') : program.env.RUNNER_STORE || join(root, '.runner', 'store.db')
  const { mask } = program
  const keySource = keySourceOf(settings, program)
  // A store that nobody opens again needs no key that is kept.
  const key = folder ? randomBytes(32) : async () => (await import('../store/key/index.ts')).storeKeys(keySource)
  const [catalog, store] = await Promise.all([
    program.catalog(),
    openStore({ file, key, parse: parseJson, mask: (text) => mask.mask(text) }),
  ])
  const log = stderrLog((text) => program.stderr.write(text), program.env.RUNNER_LOG)
  for (const key of keySource.text?.split(/\s+/) ?? []) mask.add(key)
  if (!folder) warnOfOthers(dirname(file), log)
  const env = Object.fromEntries(Object.entries(program.env).filter((entry): entry is [string, string] => entry[1] !== undefined))
  const secrets = openSecrets({ places: settings.secrets, root, env: program.env, mask, log })
  return {
    root,
    settings,
    store,
    storeFile: file,
    keySource,
    mask,
    log,
    catalog,
    clock: systemClock,
    out: (text) => program.stdout.write(text),
    connectionPorts: (environment, standIns = {}) => ({
      catalog,
      tokens: store.tokens,
      clock: systemClock,
      random: Math.random,
      log,
      mask,
      environment,
      scope: { env, secrets },
      standIns,
      warnBeforeMs: settings.warnBeforeMs,
    }),
    async close() {
      await store.close()
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function settingsOf(root: string, program: Program): Promise<Settings> {
  const { settings, problems, texts } = await readSettings(join(root, 'runner.yaml'))
  if (settings) return settings
  const format = { color: wantsColor(program), cwd: program.cwd }
  throw new UsageError(problems.map((problem) => formatProblem(problem, texts.get(problem.file) ?? '', format)).join('\n'))
}

function keySourceOf({ storeKey }: Settings, { env }: Program): KeySource {
  const config = env.XDG_CONFIG_HOME || join(homedir(), '.config')
  return { text: env.RUNNER_KEY || undefined, place: storeKey, file: join(config, 'runner', 'store.key'), env, platform: platform() }
}

/** Whoever may write to the store's folder can put another store in its place. It may be shared on purpose, so it is not for us to change. */
function warnOfOthers(folder: string, log: Log): void {
  const { mode } = statSync(folder)
  if (process.platform !== 'win32' && mode & 0o022 && !(mode & 0o1000))
    log.warn(`others may write to the folder of the store: run \`chmod go-w ${folder}\``)
}
