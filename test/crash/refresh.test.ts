import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Connection, inLanes, kills, momentsOf, openWorld, type World } from './refresh-kills.ts'

const test = suite('kill -9 during a refresh, old refresh tokens staying valid')
let world: World
test.before(async () => {
  world = await openWorld()
})
test.after(async () => world.close())

test(`after each of ${kills} kills the next run succeeds, and waits for nobody`, async () => {
  const connections: Connection[] = []
  await inLanes(momentsOf(world.points, kills), async (moment, lane) => {
    connections[lane] ??= await world.newConnection()
    const connection = connections[lane]
    // By chance it may have ended before it was killed.
    while ((await connection.kill(moment)) === 'ended') if ('afterMs' in moment) moment.afterMs /= 2
    const { error, slept } = await connection.next()
    const where = 'at' in moment ? `point ${moment.at} (${world.points[moment.at - 1]})` : `${moment.afterMs} ms`
    assert.is(error, undefined, `killed at ${where}: ${error?.message}`)
    assert.equal(slept, [], `killed at ${where}`)
  })
})

test.run()
