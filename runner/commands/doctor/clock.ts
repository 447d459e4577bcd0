import type { Check } from './check.ts'
import type { Link } from './link.ts'

/** Signed assertions live ten minutes, and id tokens are judged with five minutes of tolerance. Facts sheet "Client credentials". */
const mostMs = 300_000
const noticedMs = 60_000

/** This machine's clock against that of the system. */
export const clock: Check<Link> = {
  title: 'clock',
  async run(link) {
    const ahead = (await link.look())?.aheadMs
    if (ahead === undefined) return []
    const off = Math.abs(ahead)
    const says = `The clock of this machine is ${Math.round(off / 1_000)} s ${ahead > 0 ? 'ahead of' : 'behind'} that of the system.`
    const todo = 'Let the machine keep time by NTP: sign-ins fail where clocks differ by more than five minutes.'
    if (off > mostMs) return { result: 'failed', says, todo }
    return off > noticedMs ? { result: 'warning', says, todo } : { result: 'ok', says: 'as that of the system' }
  },
}
