import * as assert from 'uvu/assert'
import { type CliOptions, type CliResult, cli } from '../../support/cli.ts'
import { appConnection, personConnection, recipeFolder } from '../../support/recipes.ts'
import type { SandboxProcess } from '../../support/sandbox.ts'

const recipe = `name: New accounts become contacts
connection: ./crm.connection.yaml
trigger: { type: dynamics365.record_created, with: { table: account } }
steps:
  - if: \${{ trigger.name != null }}
    then:
      - action: dynamics365.create_record
        with: { table: contact, values: { lastname: "\${{ trigger.name }}" } }
`

/** Folders with a recipe that reads accounts and creates contacts. */
export const app = () => recipeFolder({ 'crm.connection.yaml': appConnection, 'recipe.yaml': recipe })
export const person = () => recipeFolder({ 'crm.connection.yaml': personConnection, 'recipe.yaml': recipe })

/** Where the chain breaks: the last line of `--json`. */
export async function broken(
  sandbox: SandboxProcess,
  cwd: string,
  env: Record<string, string | undefined> = {},
  options: Partial<CliOptions> = {},
): Promise<{ check: string; says: string; todo?: string; code?: string }> {
  const all = Object.entries({ ...sandbox.env, ...env }).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const run = await cli(['doctor', '--json'], { cwd, ...options, env: Object.fromEntries(all) })
  assert.is(run.code, 1, run.stdout + run.stderr)
  noSecrets(sandbox, run)
  const last = run.lines.at(-1)
  assert.equal(
    run.lines.filter(({ result }) => result === 'failed').map(({ check }) => check),
    [last?.check],
    'the chain ends where it breaks',
  )
  return last as Awaited<ReturnType<typeof broken>>
}

export function noSecrets({ client_secret, refresh_token }: SandboxProcess, { stdout, stderr }: CliResult): void {
  for (const secret of [client_secret, refresh_token, 'canary']) assert.not.ok((stdout + stderr).includes(secret), stdout)
}
