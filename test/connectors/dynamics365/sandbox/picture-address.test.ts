import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startSandbox } from '../../../../connectors/dynamics365/sandbox/index.ts'
import { harbor } from './contract/harbor.ts'

const test = suite('the address of a picture')
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

test('gives the picture, small or full, to whoever has a token and may read the row', async () => {
  const sandbox = await startSandbox({ auth: 'off', parts: [harbor] })
  const headers = { authorization: 'Bearer any', 'content-type': 'application/json', prefer: 'return=representation' }
  const get = (path: string, more: Record<string, string> = headers) => fetch(sandbox.url + path, { headers: more })
  try {
    const body = JSON.stringify({ hrb_name: 'MV Photo', hrb_photo: png.toString('base64') })
    const made = await fetch(`${sandbox.url}/api/data/v9.2/hrb_vessels?$select=hrb_photo_url`, { method: 'POST', headers, body })
    const { hrb_photo_url: address } = (await made.json()) as { hrb_photo_url: string }
    for (const path of [address, `${address}&Full=true`]) {
      const answer = await get(path)
      assert.equal([answer.status, answer.headers.get('content-type')], [200, 'image/png'])
      assert.equal(Buffer.from(await answer.arrayBuffer()), png)
    }
    const stranger = await get(address, {})
    assert.is(stranger.status, 401)
    assert.match(stranger.headers.get('www-authenticate') ?? '', /^Bearer authorization_uri=/)
    for (const [from, to] of [
      ['hrb_vessel', 'nosuch'],
      ['hrb_photo', 'hrb_name'],
      [/Id=[^&]*/, 'Id=00000000-0000-4000-8000-000000000000'],
    ] as const)
      assert.is((await get(address.replace(from, to))).status, 404, to)
    const rule = { user: '*', table: 'hrb_vessel', rights: ['Read'], depth: 'none' }
    const who = (await (await get('/api/data/v9.2/WhoAmI')).json()) as { UserId: string }
    const put = { method: 'POST', headers, body: JSON.stringify({ rules: [{ ...rule, user: who.UserId }] }) }
    assert.is((await fetch(`${sandbox.url}/sandbox/privileges`, put)).status, 200)
    assert.is((await get(address)).status, 403)
  } finally {
    await sandbox.close()
  }
})

test.run()
