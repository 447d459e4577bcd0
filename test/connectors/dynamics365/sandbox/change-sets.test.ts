import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { type Answer, base, type DataPlane, dataPlane, someId } from './data-plane.ts'

const test = suite('change sets of the sandbox')

interface Inner {
  line: string
  body?: Record<string, unknown>
  id?: string
  headers?: string[]
}

function changeSet(parts: readonly Inner[], name = 'c'): string {
  const inner = parts.flatMap(({ line, body, id, headers = [] }) => [
    `--${name}`,
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    ...(id === undefined ? [] : [`Content-ID: ${id}`]),
    '',
    `${line} HTTP/1.1`,
    'Content-Type: application/json',
    ...headers,
    '',
    body === undefined ? '' : JSON.stringify(body),
  ])
  return [`Content-Type: multipart/mixed; boundary="${name}"`, '', ...inner, `--${name}--`, ''].join('\r\n')
}

const batch = (items: readonly string[]) => [...items.map((item) => `--b\r\n${item}`), '--b--', ''].join('\r\n')

function post({ send }: DataPlane, items: readonly string[], headers: Record<string, string> = {}): Promise<Answer> {
  return send('POST', '$batch', batch(items), { 'content-type': 'multipart/mixed; boundary=b', ...headers })
}

const statuses = ({ text }: Answer) => [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))
const vessel = (name: string, more = {}) => ({ hrb_name: name, hrb_imo: name, ...more })

test('answers are nested, and carry the Content-ID', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const answer = await post(plane, [
    changeSet([
      { line: 'POST /api/data/v9.2/accounts', body: { name: 'North Sea Lines' }, id: '1' },
      { line: 'POST /api/data/v9.2/hrb_vessels', body: vessel('MV Petrel', { 'hrb_Operator@odata.bind': '$1' }), id: '2' },
    ]),
  ])
  assert.is(answer.status, 200)
  assert.match(answer.headers['Content-Type']!, /^multipart\/mixed; boundary=batchresponse_[\da-f-]{36}$/)
  assert.match(
    answer.text,
    /^--batchresponse_\S+\r\nContent-Type: multipart\/mixed; boundary=changesetresponse_[\da-f-]{36}\r\n\r\n--changesetresponse_/,
  )
  assert.equal(
    [...answer.text.matchAll(/Content-ID: (\S+)/g)].map(([, id]) => id),
    ['1', '2'],
  )
  assert.match(answer.text, `OData-EntityId: ${base}/accounts(`)
  const { body } = await plane.get('hrb_vessels?$select=hrb_name&$expand=hrb_Operator($select=name)')
  assert.is(body.value[0].hrb_Operator.name, 'North Sea Lines')
})

test('references stand in addresses, with more behind them, also to rows that were returned', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const representation = { headers: ['Prefer: return=representation'] }
  const answer = await post(plane, [
    changeSet([
      { line: 'POST hrb_vessels', body: vessel('A'), id: '1', ...representation },
      { line: 'PATCH $1', body: { hrb_tonnage: 7 }, id: '2' },
      { line: 'PUT $1/hrb_name', body: { value: 'B' }, id: '3' },
    ]),
  ])
  assert.equal([answer.status, statuses(answer)], [200, [201, 204, 204]])
  const { body } = await plane.get('hrb_vessels?$select=hrb_name,hrb_tonnage')
  assert.equal([body.value[0].hrb_name, body.value[0].hrb_tonnage], ['B', 7])
})

test('a failed change set is one error, and what it wrote is gone', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const set = changeSet([
    { line: 'POST hrb_vessels', body: vessel('A'), id: '1' },
    { line: 'POST hrb_vessels', body: { nothing: 1 }, id: '2' },
  ])
  const after = changeSet([{ line: 'POST hrb_vessels', body: vessel('B'), id: '1' }])
  const { version } = plane.organization
  const stopped = await post(plane, [set, after])
  assert.equal([stopped.status, statuses(stopped)], [400, [400]])
  assert.not.match(stopped.text, 'changesetresponse')
  assert.is(plane.organization.version, version)
  const went = await post(plane, [set, after], { prefer: 'odata.continue-on-error' })
  assert.equal([went.status, statuses(went)], [200, [400, 204]])
  assert.equal(await plane.names('hrb_vessels', 'hrb_name ne null', 'hrb_name'), ['B'])
})

test('an early reference is refused, also from outside of the change set', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const text = "Content-ID Reference: '$1' does not exist in the batch context."
  const early = changeSet([
    { line: 'POST hrb_vessels', body: vessel('A', { 'hrb_Operator@odata.bind': '$1' }), id: '2' },
    { line: 'POST accounts', body: { name: 'late' }, id: '1' },
  ])
  const outside = [
    changeSet([{ line: 'POST accounts', body: { name: 'A' }, id: '1' }]),
    'Content-Type: application/http\r\n\r\nDELETE $1 HTTP/1.1\r\n\r\n',
  ]
  for (const items of [[early], outside]) {
    const answer = await post(plane, items)
    assert.is(answer.status, 400)
    assert.match(answer.text, text)
  }
})

test('reads, a missing or repeated Content-ID, and nested change sets are refused before anything is done', async () => {
  const plane = dataPlane()
  const first = { line: 'POST accounts', body: { name: 'A' }, id: '1' }
  const cases: Inner[][] = [
    [first, { line: 'GET accounts', id: '2' }],
    [first, { line: 'POST accounts', body: { name: 'B' } }],
    [first, first],
  ]
  for (const parts of cases) assert.is((await post(plane, [changeSet(parts)])).status, 400, JSON.stringify(parts))
  const nested = `Content-Type: multipart/mixed; boundary=d\r\n\r\n--d\r\n${changeSet([first])}\r\n--d--\r\n`
  assert.is((await post(plane, [nested])).status, 400)
  assert.equal(await plane.names('accounts', 'name ne null'), [])
})

test('requests in change sets count for the limit of 1,000', async () => {
  const plane = dataPlane()
  const set = (count: number, name: string) =>
    changeSet(
      Array.from({ length: count }, (_, index) => ({ line: 'POST accounts', body: { name: 'A' }, id: String(index) })),
      name,
    )
  assert.is((await post(plane, [set(500, 'c'), set(501, 'd')])).status, 400)
  assert.equal(await plane.names('accounts', 'name ne null'), [])
})

test('elastic tables are not taken back', async () => {
  const plane = dataPlane({ parts: [harbor] })
  const elastic = plane.organization.schema.entitySets.get('hrb_logs')!
  const answer = await post(plane, [
    changeSet([
      { line: 'POST hrb_logs', body: { [elastic.primaryName]: 'kept' }, id: '1' },
      { line: 'POST hrb_logs', body: { nothing: 1 }, id: '2' },
    ]),
  ])
  assert.equal([answer.status, statuses(answer)], [400, [400]])
  assert.equal(await plane.names('hrb_logs', `${elastic.primaryName} ne null`, elastic.primaryName), ['kept'])
})

type Step = { what: 'create' | 'update' | 'delete' | 'fail'; row: number; value: string }

/** What a change set does to a table of numbered rows; undefined when one of its requests fails. */
function model(rows: ReadonlyMap<number, string>, steps: readonly Step[]): Map<number, string> | undefined {
  const after = new Map(rows)
  for (const { what, row, value } of steps) {
    if (what === 'fail' || (what === 'create') === after.has(row)) return undefined
    if (what === 'delete') after.delete(row)
    else after.set(row, value)
  }
  return after
}

test('random change sets succeed or are taken back as a whole', async () => {
  const ids: string[] = Array.from({ length: 4 }, someId)
  const requests = {
    create: ({ row, value }: Step) => ({ line: 'POST accounts', body: { accountid: ids[row], name: value } }),
    update: ({ row, value }: Step) => ({ line: `PATCH accounts(${ids[row]})`, body: { name: value }, headers: ['If-Match: *'] }),
    delete: ({ row }: Step) => ({ line: `DELETE accounts(${ids[row]})` }),
    fail: () => ({ line: 'POST accounts', body: { nothing: 1 } }),
  }
  const step = fc.record({
    what: fc.constantFrom<Step['what']>('create', 'create', 'update', 'delete', 'fail'),
    row: fc.nat({ max: 3 }),
    value: fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'ä', '"', '\\', '$1') }),
  })
  const sets = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })
  const property = fc.asyncProperty(sets, async (all) => {
    for (const id of ids) await plane.send('DELETE', `accounts(${id})`)
    let rows = new Map<number, string>()
    const expected = all.map((steps) => {
      const after = model(rows, steps)
      rows = after ?? rows
      return after !== undefined
    })
    const items = all.map((steps, at) =>
      changeSet(
        steps.map((one, index) => ({ ...requests[one.what](one), id: String(index + 1) })),
        `c${at}`,
      ),
    )
    const answer = await post(plane, items, { prefer: 'odata.continue-on-error' })
    const boundary = /boundary=(\S+)/.exec(answer.headers['Content-Type']!)![1]
    const parts = answer.text.split(`--${boundary}`).slice(1, -1)
    assert.equal(
      parts.map((part) => part.includes('changesetresponse')),
      expected,
    )
    const { body } = await plane.get('accounts?$select=name')
    const found = (body.value as { accountid: string; name: string }[]).map(
      ({ accountid, name }) => [ids.indexOf(accountid), name] as const,
    )
    assert.equal(found.sort(), [...rows].sort())
  })
  const plane = dataPlane()
  await fc.assert(property, { seed: 7, numRuns: 60 })
})

test.run()
