import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { type Body, base, dataPlane } from './data-plane.ts'

const test = suite('paging of the sandbox')

test('a skip token is a cookie in a cookie, encoded twice', async () => {
  const plane = dataPlane()
  for (const name of ['A', 'B "& <', 'C']) await plane.create('accounts', { name })
  const prefer = { prefer: 'odata.maxpagesize=1' }
  const first = (await plane.get('accounts?$select=name&$orderby=name', prefer)).body['@odata.nextLink']
  assert.match(
    first,
    /\/accounts\?\$select=name&\$orderby=name&\$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253ccookie%2520page%253d%25221%2522[^&"<>]*%253c%252fcookie%253e%22%20istracking=%22False%22%20\/%3E$/,
  )
  const second = (await plane.get(first, prefer)).body['@odata.nextLink']
  const [, page, inner = ''] = /pagenumber="(\d)" pagingcookie="([^"]*)"/.exec(decodeURIComponent(second)) ?? []
  assert.is(page, '3')
  const id = (await plane.get("accounts?$select=accountid&$filter=name eq 'B \"%26 <'")).body.value[0].accountid
  assert.match(decodeURIComponent(inner), /^<cookie page="2" [^>]*>/)
  assert.ok(decodeURIComponent(inner).endsWith(`<name last="B &quot;&amp; &lt;" /><accountid last="${id}" /></cookie>`))
  assert.not('@odata.nextLink' in (await plane.get(second, prefer)).body)
})

test('pages and counts end at 5,000 rows, and at 500 on an elastic table', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const everything = { prefer: 'odata.include-annotations="*"' }
  for (let index = 0; index < 501; index++) await plane.create('hrb_logs', { hrb_name: `${index}` })
  const { database } = plane.organization
  database.run(`insert into hrb_port_call (hrb_port_callid, versionnumber)
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 5001) select printf('00000000-0000-4000-8000-%012d', i), i from n`)
  for (const [set, most] of [
    ['hrb_logs', 500],
    ['hrb_port_calls', 5_000],
  ] as const)
    for (const headers of [everything, { prefer: `${everything.prefer}, odata.maxpagesize=9999` }]) {
      const { body } = await plane.get(`${set}?$count=true`, headers)
      assert.is(body.value.length, most)
      assert.equal([body['@odata.count'], body['@Microsoft.Dynamics.CRM.totalrecordcount']], [most, most])
      assert.is(body['@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded'], true)
      assert.is((await plane.get(body['@odata.nextLink'], headers)).body.value.length, 1)
      assert.is((await plane.get(`${set}/$count`)).text, `\uFEFF${most}`)
    }
})

test('the settings of the organization are a row', async () => {
  const { get, send, organization } = dataPlane({ changeTrackingDays: 30 })
  const { body } = await get('organizations?$select=expirechangetrackingindays,maxuploadfilesize')
  assert.equal(
    body.value.map((row: Body) => [row.organizationid, row.expirechangetrackingindays, row.maxuploadfilesize]),
    [[organization.schema.ids.organizationId, 30, 5_242_880]],
  )
  const address = `${base}/organizations(${organization.schema.ids.organizationId})`
  assert.is((await send('PATCH', address, { expirechangetrackingindays: 1 })).status, 204)
  assert.is(organization.changeTrackingDays, 1)
})

test.run()
