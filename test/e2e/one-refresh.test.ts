import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenPath } from '../support/gate.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'
import { adfs, allButOne, allSucceed, entra, names, signedIn } from './eight-runs.ts'

const test = suite('many processes, one connection: one refresh')
let sandbox: SandboxProcess
/** Renewed refresh tokens must not be sent again: that would revoke the sign-in. */
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder(), ['--switch', 'refresh_token_reuse=revokes'])
})
test.after(async () => sandbox.close())

for (const [form, connection] of Object.entries({ entra, adfs })) {
  test(`${form}: eight runs that meet an expired access token send one refresh, and all succeed`, () =>
    signedIn(sandbox, connection, async ({ gate, run, created }) => {
      const held = gate.hold(tokenPath, 'before')
      const runs = names.map(run)
      await allButOne(runs)
      held.open()
      await allSucceed(runs)
      assert.is(gate.tokenRequests, 1)
      assert.equal(await created(), names.toSorted())
    }))
}

test.run()
