/** A preload for the program: its clock is ahead of the system's by `RUNNER_TEST_AHEAD_MS`, as that of a sandbox is after `/sandbox/clock`. */
const ahead = Number(process.env.RUNNER_TEST_AHEAD_MS ?? 0)
const SystemDate = Date

globalThis.Date = class extends SystemDate {
  constructor(...args: [] | [number | string | Date]) {
    super(args.length === 0 ? SystemDate.now() + ahead : (args[0] as number))
  }
  static override now(): number {
    return SystemDate.now() + ahead
  }
} as DateConstructor
