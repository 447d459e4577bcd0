import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { beginDownload, downloadOf } from '../../../../connectors/dynamics365/sandbox/files/uploads.ts'
import { Latest } from '../../../../connectors/dynamics365/sandbox/latest.ts'
import { createRequestLog } from '../../../../connectors/dynamics365/sandbox/log.ts'
import { dataPlane } from './data-plane.ts'

const bounded = suite('what is kept of requests does not grow for ever')

function exchange(requestBody: Buffer, answerBody: string) {
  return {
    request: { method: 'POST', rawUrl: '/api/data/v9.2/accounts', headers: {}, body: requestBody },
    answer: { status: 200, headers: {}, body: answerBody },
    ms: 1,
  }
}

bounded('the oldest entry goes first', () => {
  const kept = new Latest<string, number>(2).set('a', 1).set('b', 2).set('a', 3).set('c', 4)
  assert.equal(
    [...kept],
    [
      ['b', 2],
      ['c', 4],
    ],
  )
})

bounded('the log shows the start of a long body and its length, and short ones whole', () => {
  const log = createRequestLog()
  log.add(exchange(Buffer.alloc(70_000, 'q'), 'a'.repeat(80_000)))
  log.add(exchange(Buffer.from('{}'), 'short'))
  const [long, short] = log.after(0)
  assert.is(long!.requestBody, `${'q'.repeat(65_536)}… (70000 in all)`)
  assert.is(long!.answerBody, `${'a'.repeat(65_536)}… (80000 in all)`)
  assert.equal([short!.requestBody, short!.answerBody], ['{}', 'short'])
})

bounded('the log keeps the latest 500 requests', () => {
  const log = createRequestLog()
  for (let index = 0; index < 600; index++) log.add(exchange(Buffer.alloc(0), String(index)))
  const kept = log.after(0)
  assert.equal([kept.length, kept[0]!.answerBody, kept.at(-1)!.answerBody], [500, '100', '599'])
})

bounded('who follows the log slowly gets what it still keeps', async () => {
  const log = createRequestLog()
  const control = new AbortController()
  const { signal } = control
  const waiting = log.next(log.last, signal)
  for (let index = 0; index < 600; index++) log.add(exchange(Buffer.alloc(0), String(index)))
  assert.is((await waiting)!.answerBody, '100')
  assert.is((await log.next(598, signal))!.answerBody, '598')
  const ended = log.next(log.last, signal)
  control.abort()
  assert.is(await ended, undefined)
  assert.is(await log.next(0, signal), undefined)
})

bounded('credentials are masked in addresses, headers and bodies', () => {
  const log = createRequestLog()
  const [secret, token] = ['sbx-rt-abc_DEF-123', 'eyJhbGciOi.eyJzdWIi.c2ln']
  const headers = { authorization: `Bearer ${secret}`, location: `/?code=${secret}` }
  const request = { method: 'GET', rawUrl: `/api/data/v9.2/accounts?access_token=${secret}`, headers, body: token }
  log.add({ request, answer: { status: 200, headers, body: JSON.stringify({ refresh_token: secret, id_token: token }) }, ms: 1 })
  const said = JSON.stringify(log.after(0))
  for (const hidden of ['abc_DEF', 'eyJhbGci', 'c2ln']) assert.is(said.includes(hidden), false, hidden)
})

bounded('transfers that are never ended are forgotten', () => {
  const { organization } = dataPlane()
  const first = beginDownload(organization, Buffer.from('first'))
  for (let index = 0; index < 99; index++) beginDownload(organization, Buffer.from('more'))
  assert.is(String(downloadOf(organization, first).content), 'first')
  beginDownload(organization, Buffer.from('one too many'))
  assert.throws(() => downloadOf(organization, first), /token of the file transfer is not known/)
})

bounded.run()
