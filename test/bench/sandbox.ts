/**
 * The sandbox beside a bare `node:http` server that sends the stored bytes of the same answers, each in a process of its own, asked by one client:
 * `node test/bench/sandbox.ts [part of a case's name]`. Rounds alternate between the two; medians count. Time on the processor is
 * that of the server alone, with all its threads; other programs on the machine disturb it less than requests a second.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sandboxProcess } from '../support/sandbox.ts'
import { account, accountNumber, accounts, createTargets, selected, type Targets } from './support/accounts.ts'
import { measured, usage } from './support/child.ts'
import { type Asked, Client, createMultiple, read, write } from './support/client.ts'
import type { StoredAnswer } from './support/stored-bytes.ts'

const rounds = 7
const roundMs = 300
/** Requests on their way at once, so that a server never waits for the client's turn. */
const lanes = 4
const rows = 6_000
const wanted = process.argv[2] ?? ''

interface Case {
  name: string
  /** Rows that one request reads or writes. */
  rows: number
  /** The request of this number. */
  ask(number: number): Asked
}

interface Rate {
  requests: number
  cpuMs: number
}

const all = { prefer: 'odata.include-annotations="*"' }
const select = `$select=${selected.join(',')}`
const page = (size: number) => ({ prefer: `odata.include-annotations="*",odata.maxpagesize=${size}` })

function cases(targets: Targets, ids: readonly string[], deltaPath: string): Case[] {
  let next = 10_000_000
  const fresh = () => account(next++, targets)
  /** Half of these rows are not there the first time. */
  const key = (number: number) => `accounts(accountnumber='${accountNumber(number % (2 * rows))}')`
  const values = (number: number) => {
    const { accountnumber: _, ...rest } = account(number % (2 * rows), targets)
    return rest
  }
  return [
    { name: 'GET a row', rows: 1, ask: (number) => read(`accounts(${ids[number % ids.length]})?${select}`, all) },
    ...[50, 1_000, 5_000].map((size) => ({
      name: `GET a page of ${size.toLocaleString('en')}`,
      rows: size,
      ask: () => read(`accounts?${select}`, page(size)),
    })),
    {
      name: 'GET a page of 1,000, without annotations',
      rows: 1_000,
      ask: () => read(`accounts?${select}`, { prefer: 'odata.maxpagesize=1000' }),
    },
    {
      name: 'GET a page of 1,000, $filter and $orderby',
      rows: 1_000,
      ask: () => read(`accounts?${select}&$filter=numberofemployees ge 100 and contains(name,'2')&$orderby=createdon desc`, page(1_000)),
    },
    { name: 'GET a page of 1,000, FetchXML', rows: 1_000, ask: () => read(`accounts?fetchXml=${encodeURIComponent(fetchXml)}`, all) },
    { name: 'GET a page of 1,000 changes', rows: 1_000, ask: () => read(deltaPath, page(1_000)) },
    { name: 'POST a row', rows: 1, ask: () => write('POST', 'accounts', fresh()) },
    { name: 'PATCH a row by its key', rows: 1, ask: (number) => write('PATCH', key(number), values(number)) },
    {
      name: 'PATCH one value of a row',
      rows: 1,
      ask: (number) => write('PATCH', `accounts(${ids[number % ids.length]})`, { telephone1: `${number}` }),
    },
    {
      name: '$batch of 100 PATCH by key',
      rows: 100,
      ask: (number) =>
        batch(Array.from({ length: 100 }, (_, index) => write('PATCH', key(number * 100 + index), values(number * 100 + index)))),
    },
    {
      name: 'CreateMultiple of 1,000',
      rows: 1_000,
      ask: () => createMultiple('accounts', Array.from({ length: 1_000 }, fresh)),
    },
  ]
}

const fetchXml = `<fetch count="1000" page="1"><entity name="account">${selected
  .map((name) => `<attribute name="${/^_(.*)_value$/.exec(name)?.[1] ?? name}" />`)
  .join('')}</entity></fetch>`

function batch(parts: readonly Asked[]): Asked {
  const texts = parts.map(
    ({ method, path, body }) =>
      `--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n${method} /api/data/v9.2/${path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${body}\r\n`,
  )
  return { method: 'POST', path: '$batch', headers: { 'content-type': 'multipart/mixed; boundary=b' }, body: `${texts.join('')}--b--\r\n` }
}

/** Fills the organization; one page of the changes since holds 1,000 rows. */
async function fill(client: Client): Promise<Case[]> {
  const targets = await createTargets(client)
  const { '@odata.deltaLink': deltaPath } = await client.json<Record<string, string>>(
    read(`accounts?${select}`, { prefer: 'odata.track-changes' }),
  )
  const ids: string[] = []
  for (let first = 0; first < rows; first += 1_000)
    ids.push(...(await client.json<{ Ids: string[] }>(createMultiple('accounts', accounts(first, 1_000, targets)))).Ids)
  return cases(targets, ids, String(deltaPath))
}

/** The same request over and over, for a while. */
async function rate(client: Client, server: ChildProcess, { ask }: Case, numbers: Iterator<number>, name: string): Promise<Rate> {
  const before = await usage(server)
  const started = performance.now()
  let done = 0
  const lane = async () => {
    do {
      const asked = ask(numbers.next().value)
      await client.send({ ...asked, headers: { ...asked.headers, 'x-case': name } })
      done++
    } while (performance.now() - started < roundMs)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const elapsed = performance.now() - started
  return { requests: (done * 1_000) / elapsed, cpuMs: ((await usage(server)).cpuMs - before.cpuMs) / done }
}

/** What the sandbox answers, for the other server to send. */
async function store(client: Client, stored: ChildProcess, name: string, asked: Asked): Promise<void> {
  const { status, headers, body } = await client.send(asked)
  const kept = Object.entries(headers).filter(([header]) => !['connection', 'keep-alive', 'date', 'transfer-encoding'].includes(header))
  const answer: StoredAnswer = {
    name,
    status,
    headers: Object.fromEntries(kept.map(([header, value]) => [header, String(value)])),
    body: body.toString('base64'),
  }
  const confirmed = once(stored, 'message')
  stored.send(answer)
  await confirmed
}

function* counting(): Generator<number, never> {
  for (let number = 0; ; number++) yield number
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const cwd = mkdtempSync(join(tmpdir(), 'runner-bench-'))
const stored = fork(join(import.meta.dirname, 'support/stored-bytes.ts'), { execArgv: measured })
const [port] = await once(stored, 'message')
const sandbox = await sandboxProcess(cwd, [], { node: measured, channel: true })
const headers = { authorization: `Bearer ${await sandbox.accessToken()}`, accept: 'application/json' }
const [client, bare] = [new Client(sandbox.url, headers), new Client(`http://127.0.0.1:${port}`, headers)]
try {
  const table = []
  for (const one of (await fill(client)).filter(({ name }) => name.includes(wanted))) {
    const numbers = counting()
    await store(client, stored, one.name, one.ask(numbers.next().value))
    const rates: { sandbox: Rate; bare: Rate }[] = []
    for (let round = 0; round <= rounds; round++)
      rates.push({
        sandbox: await rate(client, sandbox.process, one, numbers, one.name),
        bare: await rate(bare, stored, one, numbers, one.name),
      })
    // The first round compiles.
    const of = (pick: (both: (typeof rates)[number]) => number) => median(rates.slice(1).map(pick))
    table.push({
      request: one.name,
      'requests/s': Math.round(of((both) => both.sandbox.requests)),
      'rows/s': Math.round(of((both) => both.sandbox.requests) * one.rows),
      'bare requests/s': Math.round(of((both) => both.bare.requests)),
      ratio: Number(of((both) => both.sandbox.requests / both.bare.requests).toFixed(3)),
      'CPU µs a row': Number(((of((both) => both.sandbox.cpuMs) * 1_000) / one.rows).toFixed(1)),
      'bare CPU µs a row': Number(((of((both) => both.bare.cpuMs) * 1_000) / one.rows).toFixed(1)),
    })
  }
  console.table(table)
} finally {
  client.close()
  bare.close()
  stored.disconnect()
  await sandbox.close()
  rmSync(cwd, { recursive: true, force: true })
}
