import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { writeOnce } from '../../../connectors/files/append/write-once.ts'
import { ConnectorError, type Json, parseJson } from '../../../runner/connector/index.ts'
import { type FilesClient, inFolder, MemoryProgress, poll, runAppend } from './support.ts'

const test = suite('files.append')

async function failure(run: Promise<unknown>): Promise<ConnectorError> {
  const thrown = await run.then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.instance(thrown, ConnectorError)
  return thrown as ConnectorError
}

/** An attempt whose process dies just before or just after its progress is stored. */
async function dies(
  client: FilesClient,
  path: string,
  key: string,
  row: Record<string, Json>,
  when: 'before save' | 'after save',
): Promise<MemoryProgress> {
  const progress = new MemoryProgress()
  const died = new Error('died')
  progress.onSave = () => {
    if (when === 'before save') progress.saved = undefined
    throw died
  }
  await runAppend(client, { path, row }, { key, progress }).catch((thrown) => assert.is(thrown, died))
  progress.onSave = () => undefined
  return progress
}

test('makes folders and file, private, with a header line; later rows go below it', () =>
  inFolder(async (folder, client) => {
    const first = await runAppend(client, { path: 'out/a.csv', columns: ['n', 'name'], row: { name: 'Müller; "Inc"', n: 1 } })
    assert.equal(first, { path: 'out/a.csv', rows: 1, offset: 0 })
    const second = await runAppend(client, { path: 'out/a.csv', rows: [{ name: null, n: '' }, { n: true }] }, { key: 'job/append_2' })
    const header = 'n,name\n1,"Müller; ""Inc"""\n'
    assert.equal(second, { path: 'out/a.csv', rows: 2, offset: Buffer.byteLength(header) })
    assert.is(readFileSync(join(folder, 'out/a.csv'), 'utf8'), `${header}"",\ntrue,\n`)
    assert.is(statSync(join(folder, 'out/a.csv')).mode & 0o777, 0o600)
    assert.is(statSync(join(folder, 'out')).mode & 0o777, 0o700)
    assert.equal(readdirSync(join(folder, 'out')), ['a.csv'], 'nothing else is left behind')
  }))

test('what it writes, the trigger reads: null, empty, long numbers, nested values', () =>
  inFolder(async (folder, client) => {
    const total = parseJson('[12345678901234567890.25]') as Json[]
    await runAppend(client, { path: 'a.csv', row: { a: null, b: '', c: 'x\n"y"', d: total[0], e: { list: total }, f: 'cr\r' } })
    assert.equal((await poll(client, { path: 'a.csv' })).records, [
      { a: null, b: '', c: 'x\n"y"', d: '12345678901234567890.25', e: '{"list":[12345678901234567890.25]}', f: 'cr\r' },
    ])
    await runAppend(client, { path: 'a.jsonl', row: { d: total[0] } })
    assert.is(readFileSync(join(folder, 'a.jsonl'), 'utf8'), '{"d":12345678901234567890.25}\n')
    await runAppend(client, { path: 'one.csv', rows: [{ n: null }, { n: 2 }] })
    assert.is((await poll(client, { path: 'one.csv' })).records.length, 2, 'a row of one empty cell is a row')
  }))

test('ends a last line that has no line ending before it writes', () =>
  inFolder(async (folder, client) => {
    writeFileSync(join(folder, 'a.csv'), 'n;m\n1;2')
    await runAppend(client, { path: 'a.csv', delimiter: ';', row: { m: 4, n: 3 } })
    assert.is(readFileSync(join(folder, 'a.csv'), 'utf8'), 'n;m\n1;2\n3;4\n')
  }))

test('no header line on request, and no rows make no line', () =>
  inFolder(async (folder, client) => {
    await runAppend(client, { path: 'a.csv', rows: [] })
    assert.is(statSync(join(folder, 'a.csv')).size, 0)
    await runAppend(client, { path: 'a.csv', header: false, columns: ['n', 'm'], row: { m: 2, n: 1 } })
    assert.is(readFileSync(join(folder, 'a.csv'), 'utf8'), '1,2\n')
  }))

test('refuses other columns than the file has, rows without columns, and paths outside', () =>
  inFolder(async (folder, client) => {
    writeFileSync(join(folder, 'a.csv'), 'n,m\n')
    assert.is((await failure(runAppend(client, { path: 'a.csv', row: { n: 1, x: 2 } }))).code, 'columns_differ')
    assert.is((await failure(runAppend(client, { path: 'a.csv', columns: ['m', 'n'], row: { n: 1 } }))).code, 'columns_differ')
    assert.is((await failure(runAppend(client, { path: 'b.csv', row: {} }))).code, 'columns_missing')
    assert.is((await failure(runAppend(client, { path: '../b.csv', row: { n: 1 } }))).code, 'path_outside_folder')
    const target = join(tmpdir(), `runner-never-${process.pid}.csv`)
    symlinkSync(target, join(folder, 'dangling.csv'))
    assert.is((await failure(runAppend(client, { path: 'dangling.csv', row: { n: 1 } }))).code, 'path_outside_folder')
    assert.not.ok(existsSync(target))
    assert.is((await failure(runAppend(client, { path: '.', format: 'csv', row: { n: 1 } }))).code, 'path_outside_folder')
    assert.is(readFileSync(join(folder, 'a.csv'), 'utf8'), 'n,m\n')
    assert.equal(
      readdirSync(folder).filter((name) => name.includes('appending')),
      [],
    )
  }))

test('many steps at once each get their line, whole', () =>
  inFolder(async (folder, client) => {
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => runAppend(client, { path: 'a.csv', row: { n, t: 'x'.repeat(n) } }, { key: `job${n}/append_1` })),
    )
    const { records } = await poll(client, { path: 'a.csv' })
    const number = (record: unknown) => Number((record as { n: string }).n)
    assert.equal(
      records.toSorted((a, b) => number(a) - number(b)),
      Array.from({ length: 50 }, (_, n) => ({ n: String(n), t: n === 0 ? '' : 'x'.repeat(n) })),
    )
    assert.equal(readdirSync(folder), ['a.csv'])
  }))

test('a repeat after a finished write writes nothing and answers the same', () =>
  inFolder(async (folder, client) => {
    const progress = new MemoryProgress()
    const row = { n: 1 }
    await runAppend(client, { path: 'a.csv', row: { n: 0 } }, { key: 'job0/append_1' })
    const first = await runAppend(client, { path: 'a.csv', row }, { progress })
    await runAppend(client, { path: 'a.csv', row }, { key: 'job2/append_1' })
    assert.equal(await runAppend(client, { path: 'a.csv', row }, { progress, again: true }), first)
    assert.is(readFileSync(join(folder, 'a.csv'), 'utf8'), 'n\n0\n1\n1\n')
  }))

test('a half-written row is cut back by the step itself', () =>
  inFolder(async (folder, client) => {
    const row = { n: 1, text: 'abc' }
    const progress = await dies(client, 'a.jsonl', 'job/append_1', row, 'after save')
    appendFileSync(join(folder, 'a.jsonl'), '{"n":1,"te')
    await runAppend(client, { path: 'a.jsonl', row }, { progress, again: true })
    assert.is(readFileSync(join(folder, 'a.jsonl'), 'utf8'), '{"n":1,"text":"abc"}\n')
    assert.equal(readdirSync(folder), ['a.jsonl'])
  }))

test('another step that writes the very same row in between takes nobody’s place', () =>
  inFolder(async (folder, client) => {
    const row = { state: 'done' }
    const progress = await dies(client, 'a.jsonl', 'job1/append_1', row, 'after save')
    await runAppend(client, { path: 'a.jsonl', row }, { key: 'job2/append_1' })
    await runAppend(client, { path: 'a.jsonl', row }, { key: 'job1/append_1', progress, again: true })
    assert.is(readFileSync(join(folder, 'a.jsonl'), 'utf8'), '{"state":"done"}\n{"state":"done"}\n')
    assert.equal(readdirSync(folder), ['a.jsonl'])
  }))

test('each row is there once, wherever processes die and in whatever order steps are resumed', async () => {
  const job = fc.record({
    n: fc.integer({ min: 0, max: 2 }),
    death: fc.constantFrom('none', 'before save', 'after save', 'half-written', 'before its record' as const),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (jobs, picks) =>
      inFolder(async (folder, client) => {
        const file = join(folder, 'a.jsonl')
        const waiting: { key: string; n: number; progress: MemoryProgress }[] = []
        const resumeOne = async () => {
          const [job] = waiting.splice((picks.next().value as number) % waiting.length, 1)
          if (job) await runAppend(client, { path: 'a.jsonl', row: { n: job.n } }, { ...job, again: true })
        }
        for (const [index, { n, death }] of jobs.entries()) {
          const key = `job${index}/append_1`
          if (death === 'none' || death === 'before its record') {
            const progress = new MemoryProgress()
            await runAppend(client, { path: 'a.jsonl', row: { n } }, { key, progress })
            if (death === 'before its record') waiting.push({ key, n, progress })
          } else {
            const progress = await dies(client, 'a.jsonl', key, { n }, death === 'before save' ? death : 'after save')
            if (death === 'half-written') appendFileSync(file, '{"n')
            waiting.push({ key, n, progress })
          }
          if (waiting.length > 0 && (picks.next().value as number) % 3 === 0) await resumeOne()
        }
        while (waiting.length > 0) await resumeOne()
        const found = readFileSync(file, 'utf8').trimEnd().split('\n')
        assert.equal(found.sort(), jobs.map(({ n }) => JSON.stringify({ n })).sort())
        assert.equal(readdirSync(folder), ['a.jsonl'])
      }),
    ),
    { numRuns: 60 },
  )
})

test('a file that was changed since is reported, never guessed', () =>
  inFolder(async (folder, client) => {
    const progress = new MemoryProgress()
    await runAppend(client, { path: 'a.jsonl', row: { n: 1 } }, { progress })
    writeFileSync(join(folder, 'a.jsonl'), '')
    const error = await failure(runAppend(client, { path: 'a.jsonl', row: { n: 1 } }, { progress, again: true }))
    assert.is(error.code, 'append_unclear')
    assert.is(error.effect, 'unknown')
    assert.is(readFileSync(join(folder, 'a.jsonl'), 'utf8'), '')
  }))

test('never cuts what a program without intents has written behind a torn row', () =>
  inFolder(async (folder, client) => {
    await dies(client, 'a.jsonl', 'job1/append_1', { n: 1 }, 'after save')
    appendFileSync(join(folder, 'a.jsonl'), '{"other":"program"}\n')
    await runAppend(client, { path: 'a.jsonl', row: { n: 2 } }, { key: 'job2/append_1' })
    assert.is(readFileSync(join(folder, 'a.jsonl'), 'utf8'), '{"other":"program"}\n{"n":2}\n')
  }))

test('a write of a live process is left alone', () =>
  inFolder(async (folder, client) => {
    await dies(client, 'a.jsonl', 'job1/append_1', { n: 1 }, 'after save')
    const beside = join(folder, '.a.jsonl.appending')
    writeFileSync(beside, readFileSync(beside, 'utf8').replace(`"pid":${process.pid}`, `"pid":${process.ppid}`))
    const error = await failure(runAppend(client, { path: 'a.jsonl', row: { n: 2 } }, { key: 'job2/append_1' }))
    assert.is(error.code, 'file_busy')
    assert.is(error.kind, 'transient')
    assert.is(error.effect, 'none')
  }))

test('a failed write is cut back, so that the retry writes it once', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'a.jsonl')
    writeFileSync(file, '{"n":0}\n')
    const handle = await open(file, 'a+')
    try {
      const progress = new MemoryProgress()
      const once = { handle, file, path: 'a.jsonl', key: 'job/append_1', progress }
      const bytes = async () => Buffer.from('{"n":1}\n')
      const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
      const fullDisk = {
        read: handle.read.bind(handle),
        stat: handle.stat.bind(handle),
        truncate: handle.truncate.bind(handle),
        sync: handle.sync.bind(handle),
        appendFile: async () => {
          await handle.appendFile('{"n"')
          throw full
        },
      } as unknown as FileHandle
      const thrown = await writeOnce({ ...once, handle: fullDisk }, bytes).catch((error: unknown) => error)
      assert.is(thrown, full)
      assert.is(readFileSync(file, 'utf8'), '{"n":0}\n')
      await writeOnce(once, bytes)
      assert.is(readFileSync(file, 'utf8'), '{"n":0}\n{"n":1}\n')
      assert.equal(readdirSync(folder), ['a.jsonl'])
    } finally {
      await handle.close()
    }
  }))

test.run()
