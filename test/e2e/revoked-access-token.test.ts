import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenPath } from '../support/gate.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'
import { allButOne, allSucceed, entra, names, signedIn } from './eight-runs.ts'

const test = suite('many processes, one connection: an access token that is revoked')
let sandbox: SandboxProcess
/** Renewed refresh tokens must not be sent again: that would revoke the sign-in. */
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder(), ['--switch', 'refresh_token_reuse=revokes'])
})
test.after(async () => sandbox.close())

test('a run in its middle and seven that begin meet a revoked access token: one refresh, and all succeed', () =>
  signedIn(
    sandbox,
    entra,
    async ({ gate, run, created }) => {
      const work = gate.hold(/\/contacts$/, 'before')
      const first = run('one')
      await work.reached
      await sandbox.control('access-tokens/expire')
      const held = gate.hold(tokenPath, 'before')
      const others = names.slice(1).map(run)
      await held.reached
      work.open()
      await allButOne([first, ...others])
      held.open()
      await allSucceed([first, ...others])
      assert.is(gate.tokenRequests, 1)
      assert.equal(await created(), names.toSorted())
    },
    { expired: false },
  ))

test.run()
