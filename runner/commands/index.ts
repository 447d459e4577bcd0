import { Command, CommanderError } from 'commander'
import { masked, type Outside, type Program, status, UsageError, wantsColor } from './program.ts'

/** Every command with its arguments; each loads its code when it is called. */
export async function runCommand(args: readonly string[], outside: Outside): Promise<number> {
  const program = masked(outside)
  let exit: number = status.ok
  const done = (code: number) => {
    exit = code
  }
  const cli = commandLine(program, done)
  try {
    await addSandbox(cli, program, done, args[0] === 'sandbox')
    await cli.parseAsync([...args], { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? status.ok : status.usage
    const { reportFault } = await import('./report/fault.ts')
    return reportFault(error, program)
  }
}

function commandLine(program: Program, done: (code: number) => void): Command {
  const cli = new Command('runner')
    .description('Runs integration recipes for Microsoft Dynamics 365 from YAML files kept in git.')
    .version(program.version, '-V, --version')
    .configureOutput({ writeOut: (text) => program.stdout.write(text), writeErr: (text) => program.stderr.write(text) })
    .exitOverride()
    .showHelpAfterError('(`--help` shows how)')

  cli
    .command('run')
    .description('one cycle: take over what was left, poll once, work the jobs off')
    .argument('<recipe...>', 'recipe files')
    .option('--watch', 'again and again, each recipe on its `every` (5m) or `schedule`, until stopped')
    .option('--json', 'JSON lines on stdout and nothing else there')
    .option('--sandbox [url]', "against the connectors' sandbox: a throw-away one, or the running one at the address")
    .option('--env <name>', 'environment whose state is used', 'default')
    .option('--since <when>', 'where a first poll begins: now or beginning')
    .option('--until <time>', 'look no further than this ISO 8601 time')
    .option('--limit <n>', 'stop reading after so many events', number)
    .option('--max-time <duration>', 'of a run, or of each cycle with --watch; what is left then waits for the next', '55m')
    .option('--trigger-data <file>', 'one job from the event in this JSON file, without a poll')
    .addHelpText(
      'after',
      '\nExample: runner run examples/import-customers/accounts.recipe.yaml --sandbox\nExit: 0 done, 2 invalid recipe, 3 trigger error, 4 job errors, 1 fault of the runner\nWith --watch: that of the last cycles, once SIGINT or SIGTERM has ended it; a second one ends it at once',
    )
    .action(async (files, options) => done(await (await import('./run.ts')).run(files, options, program)))

  cli
    .command('validate')
    .description('every problem of recipes, connection files and runner.yaml, with place and what would be right')
    .argument('<path...>', 'files or folders')
    .option('--format <format>', 'text or json', 'text')
    .addHelpText('after', '\nExample: runner validate recipes/')
    .action(async (paths, options) => {
      const { validate } = await import('./validate.ts')
      done(
        await validate(
          paths,
          { format: options.format },
          { stdout: program.stdout, stderr: program.stderr, cwd: program.cwd, color: wantsColor(program) },
          await program.catalog(),
        ),
      )
    })

  cli
    .command('connect')
    .description('sign in as a person, so that the connection then runs without one')
    .argument('<file>', 'recipe or connection file')
    .option('--connection <name>', 'which of the recipe, where it has several')
    .option('--no-browser', 'print the address instead of opening a browser')
    .option('--device', 'sign in on another device, with a code that is printed')
    .option('--paste', 'sign in on another machine, and bring back the address that its browser ends on')
    .option('--env <name>', 'environment', 'default')
    .option('--sandbox <url>', 'sign in to the running sandbox at the address')
    .addHelpText('after', '\nExample: runner connect recipe.yaml\nExit: 0 signed in, 1 nobody was signed in, 2 wrong call or no terminal')
    .action(async (file, options) => done(await (await import('./sign-in.ts')).signIn(file, options, program)))

  addConnections(cli, program, done)
  addJobs(cli, program, done)

  cli
    .command('runs')
    .description('history of cycles, newest first')
    .argument('[recipe]', 'recipe file')
    .option('--env <name>', 'environment', 'default')
    .option('--limit <n>', 'how many', number, 20)
    .option('--json', 'JSON')
    .action(async (recipe, options) => done(await (await import('./runs.ts')).runs(recipe, options, program)))

  cli
    .command('cursor')
    .description('where a recipe reads on: show it, set it, or forget it')
    .argument('<show|set|reset>', 'what to do')
    .argument('<recipe>', 'recipe file')
    .argument('[value]', 'JSON, for set')
    .option('--env <name>', 'environment', 'default')
    .action(async (what, recipe, value, options) => done(await (await import('./cursor.ts')).cursor(what, recipe, value, options, program)))

  const key = cli.command('key').description('the key that the store is sealed with: rotate')
  key
    .command('rotate')
    .description('a new key in the key file or the keyring; what the earlier ones have sealed still opens')
    .action(async () => done(await (await import('./key.ts')).rotateKey(program)))

  cli
    .command('doctor')
    .description('each link from this machine to the rights in the system, with the fix of what is broken')
    .argument('[path...]', 'recipes, connection files, folders; default all below the root')
    .option('--env <name>', 'environment', 'default')
    .option('--json', 'JSON lines')
    .addHelpText('after', '\nExample: runner doctor recipe.yaml\nExit: 0 all is well, 1 something is broken')
    .action(async (paths, options) => done(await (await import('./doctor/doctor.ts')).doctor(paths, options, program)))

  cli
    .command('explain')
    .description('the long text of an error code')
    .argument('<code>', 'such as reconnect_needed')
    .action(async (code) => done((await import('./explain.ts')).explain(code, program)))

  return cli
}

/** Its options are the connector's, which is loaded only for this command. */
async function addSandbox(cli: Command, program: Program, done: (code: number) => void, wanted: boolean): Promise<void> {
  const command = cli
    .command('sandbox')
    .description('a local Dynamics 365, served until it is stopped')
    .option('--json', 'one JSON line with address and credentials')
    .addHelpText('after', '\nExample: runner sandbox --port 4365')
    .action(async (options) => {
      const { sandbox } = await import('./sandbox.ts')
      done(await sandbox(options, { stdout: program.stdout, stderr: program.stderr, signal: program.stop }, await program.catalog()))
    })
  if (!wanted) return
  const [{ loadSandbox }, { addSandboxOptions }] = await Promise.all([import('./sandbox.ts'), import('./sandbox-options.ts')])
  addSandboxOptions(command, (await loadSandbox('dynamics365', await program.catalog())).options, program.cwd)
}

function addConnections(cli: Command, program: Program, done: (code: number) => void): void {
  const connections = cli.command('connections').description('sign-ins that are kept: state, who, since when')
  connections
    .command('list', { isDefault: true })
    .description('every kept sign-in')
    .option('--json', 'JSON')
    .action(async (options) => done(await (await import('./sign-in.ts')).listConnections(options, program)))
  connections
    .command('test')
    .description('one call over a connection, which says who signs in there')
    .argument('<file>', 'recipe or connection file')
    .option('--connection <name>', 'which of the recipe, where it has several')
    .option('--env <name>', 'environment', 'default')
    .option('--sandbox <url>', 'the running sandbox at the address')
    .action(async (file, options) => done(await (await import('./sign-in.ts')).checkConnection(file, options, program)))
  connections
    .command('keepalive')
    .description('for cron: use every sign-in that use prolongs, so that none lapses')
    .argument('[path...]', 'recipes, connection files, folders; default all below the root')
    .option('--env <name>', 'environment', 'default')
    .option('--json', 'JSON lines')
    .addHelpText(
      'after',
      '\nExample: runner connections keepalive recipes/\nExit: 0 all well, 3 somebody must sign in or correct something, 2 invalid file, 1 try again',
    )
    .action(async (paths, options) => done(await (await import('./keep-alive.ts')).keepAllAlive(paths, options, program)))
  connections
    .command('forget')
    .description('wipe the tokens of a sign-in')
    .argument('<name>', 'as listed')
    .option('--env <name>', 'environment', 'default')
    .action(async (name, options) => done(await (await import('./sign-in.ts')).forgetConnection(name, options, program)))
}

function addJobs(cli: Command, program: Program, done: (code: number) => void): void {
  const jobs = cli.command('jobs').description('jobs with their steps: list, show, rerun')
  jobs
    .command('list', { isDefault: true })
    .description('newest first')
    .argument('[recipe]', 'recipe file')
    .option('--failed', 'only those that failed')
    .option('--code <code>', 'only those with this error code')
    .option('--env <name>', 'environment', 'default')
    .option('--limit <n>', 'how many', number, 50)
    .option('--json', 'JSON lines')
    .action(async (recipe, options) => done(await (await import('./jobs/list.ts')).listJobs(recipe, options, program)))
  jobs
    .command('show')
    .description('one job with inputs, outputs and errors of its steps')
    .argument('<id>', 'as listed')
    .option('--json', 'JSON')
    .action(async (id, options) => done(await (await import('./jobs/show.ts')).showJob(id, options, program)))
  jobs
    .command('rerun')
    .description('run failed jobs again; finished steps are not repeated')
    .argument('[id...]', 'as listed')
    .option('--failed', 'all that failed')
    .option('--code <code>', 'only those with this error code')
    .option('--recipe <file>', 'only those of this recipe')
    .option('--env <name>', 'environment', 'default')
    .option('--sandbox <url>', 'against the running sandbox at the address')
    .option('--json', 'JSON lines')
    .addHelpText('after', '\nExample: runner jobs rerun --failed --code reconnect_needed')
    .action(async (ids, options) => done(await (await import('./jobs/rerun.ts')).rerunJobs(ids, options, program)))
}

function number(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`\`${text}\` is no whole number.`)
  return value
}
