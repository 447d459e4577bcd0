import { endWarnings } from '../../connection/index.ts'
import type { Check } from './check.ts'
import type { Link } from './link.ts'

/** Sign-in, client secret and certificate, as far as their ends are known. */
export const ends: Check<Link> = {
  title: 'ends',
  async run({ connection, spec, clock, warnBeforeMs }) {
    const known = await connection.ends()
    if (known.length === 0) return []
    const warnings = endWarnings(spec.name, known, clock.now(), warnBeforeMs)
    if (warnings.length > 0) return warnings.map(({ code, message }) => ({ result: 'warning', says: message, code }))
    const [first] = known
    return { result: 'ok', says: `The first to end is the ${first?.what}, on ${first?.at.slice(0, 10)}.` }
  },
}
