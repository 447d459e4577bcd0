/**
 * A million rows in one table of the sandbox, in memory and in a file: how much memory it takes on the way there, and what the rows cost to read.
 * `node test/bench/sandbox-memory.ts [rows]`
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SandboxProcess, sandboxProcess } from '../support/sandbox.ts'
import { accountNumber, accounts, createTargets, selected } from './support/accounts.ts'
import { measured, usage } from './support/child.ts'
import { Client, createMultiple, read, write } from './support/client.ts'

const most = Number(process.argv[2] ?? 1_000_000)
const samples = [most / 100, most / 10, most]
/** Rows that are changed and rows that are deleted between two readings of the changes. */
const changed = 1_000
const wide = `$select=${selected.join(',')}`
const annotated = 'odata.include-annotations="*"'

interface Page {
  value: unknown[]
  '@odata.nextLink'?: string
  '@odata.deltaLink'?: string
}

/** What reading page after page brought. */
interface Pages {
  rows: number
  /** Milliseconds of each page. */
  times: number[]
  delta?: string
}

async function readAll(client: Client, path: string, prefer: string): Promise<Pages> {
  const times: number[] = []
  let rows = 0
  let next: string | undefined = path
  let delta: string | undefined
  while (next !== undefined) {
    const began = performance.now()
    const page: Page = await client.json<Page>(read(next, { prefer }))
    times.push(performance.now() - began)
    rows += page.value.length
    next = page['@odata.nextLink']
    delta = page['@odata.deltaLink']
  }
  return { rows, times, ...(delta !== undefined && { delta }) }
}

async function fill(client: Client, sample: (rows: number) => Promise<void>): Promise<void> {
  const targets = await createTargets(client)
  for (let first = 0; first < most; first += 1_000) {
    await client.send(createMultiple('accounts', accounts(first, 1_000, targets)))
    if (samples.includes(first + 1_000)) await sample(first + 1_000)
  }
}

async function change(client: Client): Promise<void> {
  for (let number = 0; number < changed; number++) {
    const spread = Math.floor(number * (most / changed))
    await client.send(write('PATCH', `accounts(accountnumber='${accountNumber(spread)}')`, { name: 'changed' }))
    await client.send({ method: 'DELETE', path: `accounts(accountnumber='${accountNumber(spread + 1)}')` })
  }
}

async function reading(client: Client, report: (what: string, pages: Pages) => Promise<void>): Promise<void> {
  const first = await readAll(client, 'accounts?$select=name', 'odata.track-changes,odata.maxpagesize=5000')
  await report('first reading of changes, name only', first)
  await change(client)
  await report(`changes: ${changed} changed, ${changed} deleted`, await readAll(client, first.delta!, 'odata.maxpagesize=500'))
  await report('all pages of 5,000, 30 columns', await readAll(client, `accounts?${wide}`, `${annotated},odata.maxpagesize=5000`))
  const ordered = 'accounts?$select=name&$orderby=createdon'
  await report('all pages, ordered by createdon, name only', await readAll(client, ordered, 'odata.maxpagesize=5000'))
  const filtered = `accounts?${wide}&$filter=address1_city eq 'City 7'`
  await report('pages of 500 of the 1% in a city', await readAll(client, filtered, `${annotated},odata.maxpagesize=500`))
  const began = performance.now()
  const answer = await client.send(read("accounts/$count?$filter=address1_city eq 'City 7'", {}))
  await report(`$count of them: ${answer.body.toString().slice(1)}`, { rows: 0, times: [performance.now() - began] })
}

async function measure(where: string, args: string[], cwd: string, file: string): Promise<void> {
  const sandbox: SandboxProcess = await sandboxProcess(cwd, args, { node: measured, channel: true })
  const client = new Client(sandbox.url, { authorization: `Bearer ${await sandbox.accessToken()}`, accept: 'application/json' })
  try {
    const memory: Record<string, number | string>[] = []
    const began = performance.now()
    const sample = async (rows: number | string, since = began) => {
      const { rssMb, heapMb, peakMb, cpuMs } = await usage(sandbox.process)
      memory.push({
        rows,
        'rows/s': typeof rows === 'number' ? Math.round((rows * 1_000) / (performance.now() - since)) : '',
        'CPU µs a row': typeof rows === 'number' && rows > 0 ? Math.round((cpuMs * 1_000) / rows) : '',
        'resident MB': Math.round(rssMb),
        'JavaScript MB': Math.round(heapMb),
        'peak MB': Math.round(peakMb),
        ...(args.length > 0 && { 'file MB': Math.round((statSync(file).size + statSync(`${file}-wal`).size) / 1_048_576) }),
      })
    }
    await sample(0)
    await fill(client, sample)
    const reads: Record<string, number | string>[] = []
    await reading(client, async (what, { rows, times }) => {
      const total = times.reduce((sum, one) => sum + one, 0)
      reads.push({
        what,
        rows,
        'rows/s': rows === 0 ? '' : Math.round((rows * 1_000) / total),
        pages: times.length,
        'first page ms': Math.round(times[0]!),
        // The very last one is seldom full.
        'late page ms': Math.round(times.at(-2) ?? times[0]!),
        'resident MB': Math.round((await usage(sandbox.process)).rssMb),
      })
    })
    await sample('after reading')
    console.log(`\n${where}`)
    console.table(memory)
    console.table(reads)
  } finally {
    client.close()
    await sandbox.close()
  }
}

const cwd = mkdtempSync(join(tmpdir(), 'runner-bench-'))
const file = join(cwd, 'rows.db')
try {
  await measure('Rows in memory: they are part of the memory of the process', [], cwd, file)
  await measure('Rows in a file (--persist)', ['--persist', file], cwd, file)
} finally {
  rmSync(cwd, { recursive: true, force: true })
}
