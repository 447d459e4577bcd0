import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Answer, type Body, base, type DataPlane, dataPlane } from './data-plane.ts'

const test = suite('change tracking of the sandbox')
const track = { prefer: 'odata.track-changes' }

async function baseline({ get }: DataPlane, query = '$select=name'): Promise<string> {
  return (await get(`accounts?${query}`, track)).body['@odata.deltaLink']
}

/** Names of changed rows and ids of deleted ones, and the next link. */
async function changes({ get }: DataPlane, link: string): Promise<{ changed: string[]; deleted: string[]; link: string }> {
  const { body, text } = await get(link)
  if (!body?.value) throw new Error(text)
  return {
    changed: body.value.filter((row: Body) => row.reason === undefined).map((row: Body) => row.name),
    deleted: body.value.filter((row: Body) => row.reason === 'deleted').map((row: Body) => row.id),
    link: body['@odata.deltaLink'],
  }
}

/** All pages from a link on. */
async function pages({ get }: DataPlane, from: string, prefer: string, between?: () => Promise<unknown>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let link: string | undefined = from; link !== undefined; ) {
    const answer: Answer = await get(link, { prefer })
    answers.push(answer)
    link = answer.body['@odata.nextLink']
    if (link !== undefined) await between?.()
  }
  return answers
}

test('a baseline holds all rows and a delta link', async () => {
  const plane = dataPlane({ clock: () => new Date('2026-03-04T09:15:02Z') })
  await plane.create('accounts', { name: 'A' })
  const { status, headers, body } = await plane.get('accounts?$select=name,accountnumber', track)
  assert.equal([status, headers['Preference-Applied']], [200, 'odata.track-changes'])
  assert.is(body['@odata.context'], `${base}/$metadata#accounts(name,accountnumber)`)
  assert.match(body['@odata.deltaLink'], /\/accounts\?\$select=name,accountnumber&\$deltatoken=\d+(!|%21)03%2F04%2F2026%2009%3A15%3A02$/)
  assert.equal(
    body.value.map((row: Body) => row.name),
    ['A'],
  )
})

test('a round holds what changed since: rows in order of their version, then deletions, and a new link', async () => {
  const plane = dataPlane()
  const [a, b, c] = [
    await plane.create('accounts', { name: 'A' }),
    await plane.create('accounts', { name: 'B' }),
    await plane.create('accounts', { name: 'C' }),
  ]
  const link = await baseline(plane)
  await plane.send('DELETE', `accounts(${b})`)
  await plane.send('PATCH', `accounts(${c})`, { name: 'C2' })
  await plane.send('PATCH', `accounts(${a})`, { name: 'A2' })
  await plane.create('accounts', { name: 'D' })
  await plane.create('contacts', { lastname: 'elsewhere' })
  const { body } = await plane.get(link)
  assert.is(body['@odata.context'], `${base}/$metadata#accounts(name)/$delta`)
  assert.equal(
    body.value.slice(0, 3).map((row: Body) => row.name),
    ['C2', 'A2', 'D'],
  )
  assert.ok(body.value[0]['@odata.etag'])
  assert.equal(body.value[3], { '@odata.context': `${base}/$metadata#accounts/$deletedEntity`, id: b, reason: 'deleted' })
  assert.equal(await changes(plane, body['@odata.deltaLink']).then(({ changed, deleted }) => [changed, deleted]), [[], []])
  const count = await plane.get(link.replace('/accounts?$select=name&', '/accounts/$count?'))
  assert.is(count.text, '\uFEFF4')
  const repeated = await plane.get(link)
  assert.is(repeated.body.value.length, 4)
})

test('a row made and deleted between two rounds still gives a deletion; one made again under its id does not', async () => {
  const plane = dataPlane()
  const kept = await plane.create('accounts', { name: 'K' })
  const link = await baseline(plane)
  const passing = await plane.create('accounts', { name: 'P' })
  await plane.send('DELETE', `accounts(${passing})`)
  await plane.send('DELETE', `accounts(${kept})`)
  await plane.send('POST', 'accounts', { accountid: kept, name: 'K2' })
  const { changed, deleted } = await changes(plane, link)
  assert.equal([changed, deleted], [['K2'], [passing]])
})

test('what changes while a baseline is read comes with the next round', async () => {
  const plane = dataPlane()
  const ids: string[] = []
  for (const name of ['A', 'B', 'C', 'D']) ids.push(await plane.create('accounts', { name }))
  const byKey = [...ids].sort()
  let turn = 0
  const answers = await pages(plane, 'accounts?$select=name', 'odata.track-changes, odata.maxpagesize=1', async () => {
    if (turn === 0) await plane.send('PATCH', `accounts(${byKey[0]})`, { name: 'changed behind' })
    if (turn === 1) await plane.send('DELETE', `accounts(${byKey[1]})`)
    if (turn === 2) await plane.create('accounts', { name: 'new' })
    turn++
  })
  assert.ok(answers.length >= 4)
  assert.match(decodeURIComponent(answers[0]!.body['@odata.nextLink']), 'istracking="True"')
  for (const { body } of answers.slice(0, -1)) assert.not('@odata.deltaLink' in body)
  const { changed, deleted } = await changes(plane, answers.at(-1)!.body['@odata.deltaLink'])
  assert.equal([changed, deleted], [['changed behind', 'new'], [byKey[1]]])
})

test('a round is paged too, and ends where it began to be read', async () => {
  const plane = dataPlane()
  const ids: string[] = []
  for (let index = 0; index < 5; index++) ids.push(await plane.create('accounts', { name: `old ${index}` }))
  const link = await baseline(plane)
  for (const id of ids.slice(0, 3)) await plane.send('PATCH', `accounts(${id})`, { name: `new ${id}` })
  for (const id of ids.slice(3)) await plane.send('DELETE', `accounts(${id})`)
  for (const size of [1, 2, 3, 4, 5]) {
    const answers = await pages(plane, link, `odata.maxpagesize=${size}`)
    assert.is(answers.length, Math.ceil(5 / size), String(size))
    const rows = answers.flatMap(({ body }) => body.value)
    assert.equal(
      rows.slice(0, 3).map((row: Body) => row.accountid),
      ids.slice(0, 3),
    )
    assert.equal(
      rows.slice(3).map((row: Body) => row.id),
      ids.slice(3),
    )
  }
  let touched = false
  const answers = await pages(plane, link, 'odata.maxpagesize=2', async () => {
    if (!touched) await plane.send('PATCH', `accounts(${ids[2]})`, { name: 'later' })
    touched = true
  })
  assert.not(answers.flatMap(({ body }) => body.value).some((row: Body) => row.name === 'later'))
  assert.equal((await changes(plane, answers.at(-1)!.body['@odata.deltaLink'])).changed, ['later'])
})

test('filter, order, expansion and top are refused, and tables without tracking', async () => {
  const plane = dataPlane()
  for (const [option, value] of [
    ['$filter', "name eq 'A'"],
    ['$orderby', 'name'],
    ['$expand', 'primarycontactid'],
    ['$top', '1'],
  ]) {
    const { status, body } = await plane.get(`accounts?${option}=${encodeURIComponent(value!)}`, track)
    assert.equal(
      [status, body.error],
      [400, { code: '0x80060888', message: `The "${option}" query parameter isn't supported when Change Tracking is enabled.` }],
    )
  }
  assert.is((await plane.get('leads', track)).status, 400)
  assert.is((await plane.get('accounts?$deltatoken=x')).status, 400)
})

test('a token is good for seven days, or as many as the organization says', async () => {
  let now = Date.parse('2026-03-04T09:15:02Z')
  const plane = dataPlane({ clock: () => new Date(now) })
  const link = await baseline(plane)
  now += 7 * 86_400_000
  assert.is((await plane.get(link)).status, 200)
  now += 1_000
  const { status, body } = await plane.get(link)
  assert.equal([status, body.error.code], [400, '0x80044352'])
  const patient = dataPlane({ clock: () => new Date(now), changeTrackingDays: 30 })
  const other = await baseline(patient)
  now += 8 * 86_400_000
  assert.is((await patient.get(other)).status, 200)
})

test('a delta token with another selection takes the new one, or by switch counts as expired', async () => {
  for (const [delta_select_changed, status] of [
    ['apply', 200],
    ['expire', 400],
  ]) {
    const plane = dataPlane({ switches: { delta_select_changed } })
    const link = await baseline(plane)
    assert.is((await plane.get(link)).status, 200)
    const other = await plane.get(link.replace('$select=name', '$select=name,accountnumber'))
    assert.equal([other.status, other.body.error?.code], [status, status === 200 ? undefined : '0x80044352'])
  }
})

test('a token stays below a write that is under way', async () => {
  const plane = dataPlane()
  const late = ++plane.organization.version
  plane.organization.pending.add(late)
  await plane.create('accounts', { name: 'quick' })
  const link = await baseline(plane)
  assert.match(link, new RegExp(`deltatoken=${late - 1}(!|%21)`))
  assert.equal((await changes(plane, link)).changed, [])
  plane.organization.pending.delete(late)
  const { changed, link: next } = await changes(plane, link)
  assert.equal([changed, (await changes(plane, next)).changed], [['quick'], []])
})

test('a write that failed uses up no version that a token may name', async () => {
  const plane = dataPlane()
  await plane.create('accounts', { name: 'A', accountnumber: '1' })
  const before = plane.organization.version
  await plane.send('POST', 'accounts', { name: 'B', accountnumber: '1' })
  assert.is(plane.organization.version, before)
})

test.run()
