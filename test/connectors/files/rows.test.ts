import { appendFileSync, mkdirSync, renameSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConnectorError, isExactNumber } from '../../../runner/connector/index.ts'
import { inFolder, type Polled, poll } from './support.ts'

const test = suite('files.rows')

function failed({ error }: Polled): ConnectorError {
  assert.instance(error, ConnectorError)
  return error as ConnectorError
}

test('gives one event per CSV row, cells as text, empty as null, quoted empty as the empty text', () =>
  inFolder(async (folder, client) => {
    writeFileSync(join(folder, 'a.csv'), '\uFEFFnumber,name,city\r\n1,"Müller, ""Inc""",\r\n2,"two\r\nlines",""\n')
    const { records, events, error } = await poll(client, { path: 'a.csv' })
    assert.is(error, undefined)
    assert.equal(records, [
      { number: '1', name: 'Müller, "Inc"', city: null },
      { number: '2', name: 'two\r\nlines', city: '' },
    ])
    assert.is(new Set(events.map((event) => event.id)).size, 2)
    assert.match(events[0]?.id as string, /^a\.csv:2:/)
    assert.match(events[1]?.id as string, /^a\.csv:3:/)
  }))

test('finds appended rows from where it stopped, and nothing in a file that has not changed', () =>
  inFolder(async (folder, client) => {
    const file = join(folder, 'a.csv')
    writeFileSync(file, 'n\n1\n')
    const first = await poll(client, { path: 'a.csv' })
    assert.equal(first.records, [{ n: '1' }])
    assert.equal((await poll(client, { path: 'a.csv' }, first.cursor)).pages, [])
    appendFileSync(file, '2\n\n3\n')
    const second = await poll(client, { path: 'a.csv' }, first.cursor)
    assert.equal(second.records, [{ n: '2' }, { n: '3' }])
    assert.match(second.events[1]?.id as string, /^a\.csv:5:/)
  }))

test('reads a replaced file anew, also one of the same length', () =>
  inFolder(async (folder, client) => {
    const file = join(folder, 'a.csv')
    writeFileSync(file, 'n\n1\n2\n')
    const first = await poll(client, { path: 'a.csv' })
    writeFileSync(`${file}.new`, 'n\n1\n3\n')
    renameSync(`${file}.new`, file)
    const second = await poll(client, { path: 'a.csv' }, first.cursor)
    assert.equal(second.records, [{ n: '1' }, { n: '3' }])
    assert.is(second.events[0]?.id, first.events[0]?.id, 'an unchanged row keeps its identity')
    assert.is.not(second.events[1]?.id, first.events[1]?.id)
    writeFileSync(file, 'n\n9\n')
    assert.equal((await poll(client, { path: 'a.csv' }, second.cursor)).records, [{ n: '9' }], 'a shorter file')
  }))

test('a file rewritten with the same rows and more goes on, whatever its inode', () =>
  inFolder(async (folder, client) => {
    const file = join(folder, 'a.jsonl')
    writeFileSync(file, '{"n":1}\n')
    const first = await poll(client, { path: 'a.jsonl' })
    writeFileSync(`${file}.new`, '{"n":1}\n{"n":2}\n')
    renameSync(`${file}.new`, file)
    assert.equal((await poll(client, { path: 'a.jsonl' }, first.cursor)).records, [{ n: 2 }])
  }))

test('delivers a last row without line ending, and again only when it has grown', () =>
  inFolder(async (folder, client) => {
    const file = join(folder, 'a.csv')
    writeFileSync(file, 'n,m\n1,2')
    const first = await poll(client, { path: 'a.csv' })
    assert.equal(first.records, [{ n: '1', m: '2' }])
    assert.equal((await poll(client, { path: 'a.csv' }, first.cursor)).events, [], 'unchanged')
    appendFileSync(file, '\n3,4\n')
    const second = await poll(client, { path: 'a.csv' }, first.cursor)
    assert.is(second.events[0]?.id, first.events[0]?.id, 'the store knows this id')
    assert.equal(second.records[1], { n: '3', m: '4' })
  }))

test('waits a minute for the rest of a half-written last row, then calls it broken', () =>
  inFolder(async (folder, client) => {
    const file = join(folder, 'a.jsonl')
    writeFileSync(file, '{"n":1}\n{"n":')
    const written = statSync(file).mtimeMs
    const first = await poll(client, { path: 'a.jsonl' }, null, { until: new Date(written + 1_000) })
    assert.is(first.error, undefined)
    assert.equal(first.records, [{ n: 1 }])
    const late = await poll(client, { path: 'a.jsonl' }, first.cursor, { until: new Date(written + 61_000) })
    assert.is(failed(late).code, 'row_unreadable')
    appendFileSync(file, '2}\n')
    assert.equal((await poll(client, { path: 'a.jsonl' }, first.cursor)).records, [{ n: 2 }])
  }))

test('keeps the digits of long numbers in JSON Lines', () =>
  inFolder(async (folder, client) => {
    writeFileSync(join(folder, 'a.jsonl'), '{"total":12345678901234567890.25}\n')
    const { events } = await poll(client, { path: 'a.jsonl' })
    assert.ok(isExactNumber(events[0]?.record.total))
    assert.is(JSON.stringify(events[0]?.record), '{"total":12345678901234567890.25}')
  }))

for (const [name, path, content, line, pattern, before] of [
  ['broken JSON', 'a.jsonl', '{"n":1}\n\n{"n":}\n{"n":3}\n', 3, /is not JSON/, 1],
  ['JSON that is no object', 'a.jsonl', '[1]\n', 1, /not a JSON object/, 0],
  ['too few cells', 'a.csv', 'n,m\n1,2\n3\n4,5\n', 3, /has 1 cells where 2 columns are named \(n, m\)/, 1],
  ['a quote inside a cell', 'a.csv', 'n,m\n1,2\n5" pipe,2\n4,5\n', 3, /quote inside a cell/, 1],
  ['a quote never closed', 'a.csv', 'n,m\n1,2\n"5,2\n4,5\n', 3, /never closed/, 1],
  ['no UTF-8', 'a.csv', Buffer.from('n,m\n1,2\nM\xfcller,2\n', 'latin1'), 3, /not UTF-8/, 1],
] as const) {
  test(`names the line of a row with ${name}, keeps the rows before it, and goes on once it is mended`, () =>
    inFolder(async (folder, client) => {
      const file = join(folder, path)
      writeFileSync(file, content)
      const until = new Date(Date.now() + 120_000)
      const first = await poll(client, { path }, null, { until })
      const error = failed(first)
      assert.is(error.kind, 'rejected')
      assert.is(error.code, 'row_unreadable')
      assert.is(error.details.line, line)
      assert.match(error.message, new RegExp(`line ${line}`))
      assert.match(error.message, pattern)
      assert.is(first.records.length, before)
      assert.is(failed(await poll(client, { path }, first.cursor, { until })).details.line, line, 'no later row is taken instead')
      const text = Buffer.from(content).toString('latin1').split('\n')
      text.splice(line - 1, Number.POSITIVE_INFINITY, path === 'a.csv' ? '7,8' : '{"n":7}', '')
      writeFileSync(file, text.join('\n'))
      assert.equal((await poll(client, { path }, first.cursor, { until })).records, [path === 'a.csv' ? { n: '7', m: '8' } : { n: 7 }])
    }))
}

test('reads in pages of a thousand, each of which a later poll can go on from', () =>
  inFolder(async (folder, client) => {
    const rows = Array.from({ length: 2_500 }, (_, index) => `${index},"a\nb"\n`)
    writeFileSync(join(folder, 'a.csv'), `n,t\n${rows.join('')}`)
    const whole = await poll(client, { path: 'a.csv' })
    assert.equal(
      whole.pages.map((page) => page.events.length),
      [1000, 1000, 500, 0],
    )
    const rest = await poll(client, { path: 'a.csv' }, JSON.parse(JSON.stringify(whole.pages[0]?.cursor)))
    assert.equal(
      rest.events.map((event) => event.id),
      whole.events.slice(1000).map((event) => event.id),
    )
  }))

test('since now passes over what is there, also a last row without line ending', () =>
  inFolder(async (folder, client) => {
    const file = join(folder, 'a.csv')
    writeFileSync(file, 'n\n1\n2')
    const first = await poll(client, { path: 'a.csv' }, null, { since: 'now' })
    assert.equal(first.events, [])
    assert.is(first.pages.length, 1)
    utimesSync(file, new Date(0), new Date(0))
    const touched = await poll(client, { path: 'a.csv' }, first.cursor, { since: 'now' })
    assert.equal(touched.events, [])
    appendFileSync(file, '\n3\n')
    assert.equal((await poll(client, { path: 'a.csv' }, touched.cursor, { since: 'now' })).records, [{ n: '3' }])
  }))

test('whole_file repeats every row when the content has changed, and only then', () =>
  inFolder(async (folder, client) => {
    const file = join(folder, 'a.csv')
    const input = { path: 'a.csv', read: 'whole_file' } as const
    writeFileSync(file, 'n\n1\n2\n')
    const first = await poll(client, input)
    assert.is(first.events.length, 2)
    utimesSync(file, new Date(0), new Date(0))
    const touched = await poll(client, input, first.cursor)
    assert.equal(touched.events, [])
    appendFileSync(file, '3\n')
    const second = await poll(client, input, touched.cursor)
    assert.equal(second.records, [{ n: '1' }, { n: '2' }, { n: '3' }])
    assert.is.not(second.events[0]?.id, first.events[0]?.id)
    const half = { ...(second.pages[0]?.cursor as object) }
    assert.equal((await poll(client, input, JSON.parse(JSON.stringify(half)))).events, [], 'goes on within the same version')
  }))

test('names cells by `columns` where there is no header line, and splits at the given delimiter', () =>
  inFolder(async (folder, client) => {
    writeFileSync(join(folder, 'a.txt'), '1;2\n')
    writeFileSync(join(folder, 'b.tsv'), 'n\tm\n1\t2\n')
    const headless = { path: 'a.txt', format: 'csv', delimiter: ';', header: false } as const
    assert.equal((await poll(client, { ...headless, columns: ['n', 'm'] })).records, [{ n: '1', m: '2' }])
    assert.is(failed(await poll(client, headless)).code, 'columns_missing')
    assert.is(failed(await poll(client, { path: 'a.txt' })).code, 'format_unknown')
    assert.equal((await poll(client, { path: 'b.tsv' })).records, [{ n: '1', m: '2' }])
  }))

test('refuses a header with an empty or repeated name, or without a wanted column', () =>
  inFolder(async (folder, client) => {
    for (const [header, columns, pattern] of [
      ['n,,m', undefined, /cell 2/],
      ['n,n', undefined, /"n" twice/],
      ['n,m', ['n', 'x'], /lacks the column "x"/],
    ] as const) {
      writeFileSync(join(folder, 'a.csv'), `${header}\n1,2\n`)
      const error = failed(await poll(client, { path: 'a.csv', ...(columns && { columns: [...columns] }) }))
      assert.is(error.code, 'header_unusable')
      assert.match(error.message, pattern)
    }
  }))

test('a missing file is an error, or waited for; what comes then is new also under since now', () =>
  inFolder(async (folder, client) => {
    assert.is(failed(await poll(client, { path: 'a.csv' })).code, 'file_not_found')
    const input = { path: 'a.csv', if_missing: 'wait' } as const
    const none = await poll(client, input, null, { since: 'now' })
    assert.equal(none.events, [])
    writeFileSync(join(folder, 'a.csv'), 'n\n1\n')
    const there = await poll(client, input, none.cursor, { since: 'now' })
    assert.equal(there.records, [{ n: '1' }])
    unlinkSync(join(folder, 'a.csv'))
    const gone = await poll(client, input, there.cursor)
    writeFileSync(join(folder, 'a.csv'), 'n\n2\n3\n')
    assert.equal((await poll(client, input, gone.cursor)).records, [{ n: '2' }, { n: '3' }])
  }))

test('stays inside its folder, also through links', () =>
  inFolder(async (outer) => {
    const folder = join(outer, 'in')
    mkdirSync(folder)
    const { clientIn } = await import('./support.ts')
    const client = clientIn(outer, { folder: 'in' })
    writeFileSync(join(outer, 'secret.csv'), 'n\n1\n')
    writeFileSync(join(folder, 'a.csv'), 'n\n1\n')
    symlinkSync(join(outer, 'secret.csv'), join(folder, 'link.csv'))
    symlinkSync(outer, join(folder, 'up'))
    symlinkSync(join(outer, 'nowhere.csv'), join(folder, 'dangling.csv'))
    symlinkSync(join(folder, 'a.csv'), join(folder, 'fine.csv'))
    for (const path of ['../secret.csv', join(outer, 'secret.csv'), 'link.csv', 'up/secret.csv', 'dangling.csv', '.', 'a\0.csv']) {
      assert.is(failed(await poll(client, { path, format: 'csv' })).code, 'path_outside_folder', path)
    }
    assert.equal((await poll(client, { path: 'fine.csv' })).records, [{ n: '1' }])
    assert.is(failed(await poll(client, { path: 'a.csv/b.csv' })).code, 'file_not_usable')
    mkdirSync(join(folder, 'd.csv'))
    assert.is(failed(await poll(client, { path: 'd.csv' })).code, 'file_not_usable')
  }))

test('an endless row ends in an error, not in memory', () =>
  inFolder(async (folder, client) => {
    writeFileSync(join(folder, 'a.csv'), `n\n"${'x'.repeat(9 * 1024 * 1024)}`)
    const error = failed(await poll(client, { path: 'a.csv' }))
    assert.is(error.code, 'row_too_large')
    assert.is(error.details.line, 2)
  }))

test('an aborted poll stops', () =>
  inFolder(async (folder, client) => {
    writeFileSync(join(folder, 'a.csv'), 'n\n1\n')
    const { error, events } = await poll(client, { path: 'a.csv' }, null, { signal: AbortSignal.abort(new Error('stop')) })
    assert.is((error as Error).message, 'stop')
    assert.equal(events, [])
  }))

test.run()
