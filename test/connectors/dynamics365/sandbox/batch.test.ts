import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Answer, base, type DataPlane, dataPlane, someId } from './data-plane.ts'

const test = suite('batches on the sandbox')
const goOn = { prefer: 'odata.continue-on-error' }

interface Part {
  line: string
  headers?: string[]
  body?: string
}

function write(parts: readonly Part[]): string {
  const lines = parts.flatMap(({ line, headers = [], body = '' }) => [
    '--b',
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `${line} HTTP/1.1`,
    ...headers,
    '',
    body,
  ])
  return [...lines, '--b--', ''].join('\r\n')
}

function post({ send }: DataPlane, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send('POST', '$batch', body, { 'content-type': 'multipart/mixed; boundary="b"', ...headers })
}

/** Status line and JSON body of each part of an answer. */
function read({ headers, text }: Answer) {
  const boundary = /boundary=(\S+)/.exec(headers['Content-Type']!)![1]
  return text
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = '', http = '', body = ''] = part.replace(/^\r\n/, '').split('\r\n\r\n')
      assert.is(head, 'Content-Type: application/http\r\nContent-Transfer-Encoding: binary')
      return { status: Number(/^HTTP\/1.1 (\d+)/.exec(http)![1]), head: http, body: body.trim() === '' ? undefined : JSON.parse(body) }
    })
}

test('parts are answered in order, each for itself', async () => {
  const plane = dataPlane()
  const id = someId()
  const answer = await post(
    plane,
    write([
      {
        line: `POST ${base}/accounts`,
        headers: ['Content-Type: application/json; charset=utf-8'],
        body: JSON.stringify({ accountid: id, name: 'Ängström' }),
      },
      { line: 'POST /api/data/v9.2/accounts', body: '{"nme":"A"}' },
      { line: `PATCH accounts(${id})`, headers: ['If-Match: *', 'Prefer: return=representation'], body: '{"accountnumber":"7"}' },
      { line: `GET /api/data/v9.2/accounts?$select=name&$filter=${encodeURIComponent("accountnumber eq '7'")}` },
      { line: `DELETE accounts(${someId()})` },
    ]),
    goOn,
  )
  assert.is(answer.status, 200)
  const parts = read(answer)
  assert.equal(
    parts.map(({ status }) => status),
    [204, 400, 200, 200, 404],
  )
  assert.match(parts[0]!.head, `OData-EntityId: ${base}/accounts(${id})`)
  assert.is(parts[1]!.body.error.code, '0x80048d19')
  assert.is(parts[2]!.body.accountnumber, '7')
  assert.equal(
    parts[3]!.body.value.map((row: { name: string }) => row.name),
    ['Ängström'],
  )
})

test('without continue-on-error the first failure ends the batch and gives it its status', async () => {
  const plane = dataPlane()
  const answer = await post(
    plane,
    write([{ line: 'POST accounts', body: '{"name":"A"}' }, { line: 'GET nothings' }, { line: 'POST accounts', body: '{"name":"B"}' }]),
  )
  assert.is(answer.status, 404)
  assert.equal(
    read(answer).map(({ status }) => status),
    [204, 404],
  )
  assert.equal(await plane.names('accounts', 'name ne null'), ['A'])
})

test('headers of the batch are not handed down', async () => {
  const plane = dataPlane()
  const answer = await post(plane, write([{ line: 'GET accounts?$select=name' }]), {
    prefer: 'odata.continue-on-error,odata.maxpagesize=1',
    mscrmcallerid: plane.userId,
  })
  assert.not.match(read(answer)[0]!.head, 'Preference-Applied')
})

test('a batch that is not well formed does nothing', async () => {
  const plane = dataPlane()
  const good = write([{ line: 'POST accounts', body: '{"name":"A"}' }])
  const cases: [string, string, Record<string, string>?][] = [
    ['another encoding', good.replace('binary', 'base64')],
    ['no end', good.replace('--b--\r\n', '')],
    ['no request line', good.replace(' HTTP/1.1', '')],
    ['no boundary', good, { 'content-type': 'multipart/mixed' }],
    [
      'a batch in a batch',
      write([{ line: 'POST accounts', body: '{"name":"A"}' }, { line: 'POST $batch' }]).replace(
        'POST $batch',
        'POST /api/data/v9.2/$batch',
      ),
    ],
    ['too many parts', write(Array.from({ length: 1_001 }, () => ({ line: 'POST accounts', body: '{"name":"A"}' })))],
  ]
  for (const [name, body, headers] of cases) {
    const answer = await post(plane, body, headers)
    assert.is(answer.status, 400, name)
    assert.is(answer.body.error.code, '0x80060888', name)
  }
  assert.equal(await plane.names('accounts', 'name ne null'), [])
})

test('a thousand parts', async () => {
  const plane = dataPlane()
  const parts = Array.from({ length: 1_000 }, (_, index) => ({
    line: `PATCH accounts(accountnumber='${index}')`,
    body: `{"name":"row ${index}"}`,
  }))
  const answer = await post(plane, write(parts), goOn)
  assert.equal(new Set(read(answer).map(({ status }) => status)), new Set([204]))
  assert.is((await plane.get('accounts/$count')).text, '\uFEFF1000')
})

test('many rows at once: all or nothing', async () => {
  const plane = dataPlane()
  const type = { '@odata.type': 'Microsoft.Dynamics.CRM.account' }
  const call = (name: string, Targets: unknown[]) => plane.send('POST', `accounts/Microsoft.Dynamics.CRM.${name}`, { Targets })
  const created = await call('CreateMultiple', [
    { ...type, name: 'A', accountnumber: '1' },
    { ...type, name: 'B', accountnumber: '2' },
  ])
  assert.is(created.status, 200)
  const [a, b] = created.body.Ids
  assert.is((await plane.get(`accounts(${b})`)).body.name, 'B')
  const failed = await call('CreateMultiple', [
    { ...type, name: 'C' },
    { ...type, name: 'D', accountnumber: '1' },
  ])
  assert.is(failed.status, 412)
  assert.equal(await plane.names('accounts', 'name ne null'), ['A', 'B'])
  assert.is(
    (
      await call('UpdateMultiple', [
        { ...type, accountid: a, name: 'A2' },
        { ...type, accountid: a, name: 'ignored' },
      ])
    ).status,
    204,
  )
  assert.is(
    (
      await call('UpsertMultiple', [
        { ...type, '@odata.id': "accounts(accountnumber='2')", name: 'B2' },
        { ...type, accountid: someId(), name: 'E' },
      ])
    ).status,
    204,
  )
  assert.equal(await plane.names('accounts', 'name ne null'), ['A2', 'B2', 'E'])
  assert.is(
    (
      await call('UpsertMultiple', [
        { ...type, accountid: a, name: 'x' },
        { ...type, accountid: a, name: 'y' },
      ])
    ).status,
    412,
  )
  assert.is((await call('CreateMultiple', [{ name: 'no type' }])).status, 400)
  assert.is((await call('DeleteMultiple', [])).status, 501)
  assert.equal(await plane.names('accounts', 'name ne null'), ['A2', 'B2', 'E'])
})

test.run()
