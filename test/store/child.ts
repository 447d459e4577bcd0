/** A process of its own for the tests of crashes and concurrency: `node child.ts <what> <file> <key> <name>`; says each thing it has done on a line. */
import { openStore } from '../../runner/store/index.ts'
import { fileLocks } from '../../runner/store/sqlite/locks.ts'

const [what, file, key, name] = process.argv.slice(2) as [string, string, string, string]
const recipe = { id: 'recipe', environment: 'default' }
const say = (text: string) => process.stdout.write(`${text}\n`)
const store = await openStore({ file, key: Buffer.from(key, 'base64') })

if (what === 'hold') {
  const lock = await store.lock('recipe:x')
  const claimed = await store.claim(recipe, 2, 'hash')
  say(lock ? `holds ${claimed.map(({ jobId }) => jobId).join(',')}` : 'refused')
  setInterval(() => {}, 1_000)
} else if (what === 'write') {
  // Acknowledged one by one, until it is killed.
  for (let count = 0; ; count++) {
    await store.setCursor({ id: `${name}-${count}`, environment: 'default' }, count)
    say(String(count))
  }
} else if (what === 'accept') {
  for (let count = 0; count < 100; count++) {
    const id = `${name}-${count}`
    await store.accept({ recipe, runId: name, jobs: [{ id, eventIds: [id], payload: count, createdAt: new Date(0) }], snapshotChanges: [] })
  }
  await store.close()
  say('done')
} else if (what === 'work') {
  for (let jobs = await store.claim(recipe, 3, 'hash'); jobs.length > 0; jobs = await store.claim(recipe, 3, 'hash')) {
    for (const job of jobs) {
      await store.finish(job, [], { state: 'succeeded', at: new Date(0) })
      say(job.jobId)
    }
  }
  await store.close()
} else if (what === 'signs') {
  // As processes do that begin, look after dead ones and end, all at the same time.
  for (let count = 0; count < 300; count++) {
    const locks = fileLocks(`${file}-signs`, 'scope')
    const sign = locks.showLifeSign()
    locks.sweep()
    if (locks.isGone(sign)) throw new Error('our own life sign is gone')
    locks.close()
  }
  await store.close()
  say('done')
}
