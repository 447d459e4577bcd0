import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tempFolder } from './temp.ts'

/** The connection block of recipes that run against a sandbox process, signed in as an app. */
export const appConnection = `connector: dynamics365
name: Test
account_type: cloud
url: \${{ env.D365_URL }}
authority: \${{ env.D365_AUTHORITY }}
tenant: \${{ env.D365_TENANT }}
auth: client_credentials
client_id: \${{ env.D365_CLIENT_ID }}
client_secret: \${{ secrets.D365_CLIENT_SECRET }}
`

/** The same as a person: with a refresh token that was given. */
export const personConnection = appConnection.replace(
  'auth: client_credentials',
  'auth: refresh_token\nrefresh_token: ${{ secrets.D365_REFRESH_TOKEN }}',
)

/** A folder of recipes of its own, with its own root. */
export function recipeFolder(files: Record<string, string>): string {
  const folder = tempFolder()
  for (const [name, text] of Object.entries({ 'runner.yaml': '', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}
