import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tokenPath } from '../support/gate.ts'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { tempFolder } from '../support/temp.ts'
import { allButOne, allSucceed, entra, names, signedIn } from './eight-runs.ts'

const test = suite('many processes, one connection: a refresh that fails')
let sandbox: SandboxProcess
/** Renewed refresh tokens must not be sent again: that would revoke the sign-in. */
test.before(async () => {
  sandbox = await sandboxProcess(tempFolder(), ['--switch', 'refresh_token_reuse=revokes'])
})
test.after(async () => sandbox.close())

test('a refresh that is refused is refused once, and fails all eight in the same words', () =>
  signedIn(sandbox, entra, async ({ gate, run }) => {
    const held = gate.hold(tokenPath, 'before')
    const runs = names.map(run)
    await allButOne(runs)
    await sandbox.control('refresh-tokens/kill', { code: 700082 })
    held.open()
    const ends = await Promise.all(runs.map(({ ended }) => ended))
    await sandbox.control('refresh-tokens/revive')
    const errors = ends.map(({ code, lines }) => [code, lines.find(({ type }) => type === 'job_error')])
    const said = new Set(
      errors.map(([code, error]) => JSON.stringify([code, (error as { code: string })?.code, (error as { message: string })?.message])),
    )
    assert.is(said.size, 1, [...said].join('\n'))
    assert.match([...said][0] as string, /^\[4,"reconnect_needed",".*AADSTS700082/)
    assert.is(gate.tokenRequests, 1)
  }))

test('a refresh that is throttled is asked for once more, by one of those that wait', () =>
  signedIn(sandbox, entra, async ({ gate, run, created }) => {
    const held = gate.hold(tokenPath, 'before')
    const runs = names.slice(0, 4).map(run)
    await allButOne(runs)
    await sandbox.control('token-endpoint/fail', { times: 1, status: 429, retry_after: 1 })
    held.open()
    await allSucceed(runs)
    assert.is(gate.tokenRequests, 2)
    assert.equal(await created(), names.slice(0, 4).toSorted())
  }))

test('the renewal of a run that is killed is taken over by one of those that wait', () =>
  signedIn(sandbox, entra, async ({ gate, run, created }) => {
    const held = gate.hold(tokenPath, 'before')
    const first = run('one')
    await held.reached
    const others = ['two', 'three'].map(run)
    await Promise.all(others.map(({ waits }) => waits))
    const next = gate.hold(tokenPath, 'before')
    first.process.kill('SIGKILL')
    await next.reached
    held.open()
    next.open()
    await allSucceed(others)
    assert.is(gate.tokenRequests, 2)
    assert.equal(await created(), ['three', 'two'])
  }))

test.run()
