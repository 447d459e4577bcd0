import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inLanes, kills, momentsOf, openWorld, type World } from './refresh-kills.ts'

const test = suite('kill -9 during a refresh, each refresh token being taken once only')
let world: World
test.before(async () => {
  world = await openWorld({ refresh_token_reuse: 'revokes' })
})
test.after(async () => world.close())

/** Between the authority's commit and ours lies one write: what a kill at each point of a renewal may cost. */
const renewal = [
  ['commit', 'nothing'],
  ['committed', 'nothing'],
  ['request', 'nothing'],
  // It depends on what the authority has read before the connection broke.
  ['sent', 'perhaps the sign-in'],
  ['answer', 'the sign-in'],
  ['answered', 'the sign-in'],
  ['commit', 'the sign-in'],
  ['committed', 'nothing'],
] as const

test('the points of a renewal are what the table says', () => {
  assert.equal(
    world.points.slice(0, renewal.length),
    renewal.map(([name]) => name),
  )
})

test('a kill costs the sign-in only between the commit of the authority and ours, and the error says so', async () => {
  await inLanes(momentsOf(world.points, Math.max(kills, 2 * renewal.length)), async (moment) => {
    const connection = await world.newConnection()
    const end = await connection.kill(moment)
    const { error, slept } = await connection.next()
    assert.equal(slept, [])
    if (error) {
      assert.is(error.code, 'reconnect_needed', error.message)
      assert.match(error.message, /The runner was killed or cut off while it renewed this sign-in at 20/)
      assert.match(String(error.details.rotation_lost), /^20/)
    }
    if (end === 'ended') assert.is(error, undefined)
    if (!('at' in moment)) return
    const [name, cost] = renewal[moment.at - 1] ?? ['after it', 'nothing']
    if (cost !== 'perhaps the sign-in') assert.is(error !== undefined, cost === 'the sign-in', `point ${moment.at} (${name})`)
  })
})

test.run()
