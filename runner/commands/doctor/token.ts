import type { Check } from './check.ts'
import type { Link } from './link.ts'

const proven = {
  app: 'The app gets access tokens with what it proves itself with.',
  account: 'User name and password bring access tokens.',
  person: 'The kept sign-in brings new access tokens.',
}

/** A new access token, though an old one may hold: only that proves refresh token, secret and certificate. */
export const token: Check<Link> = {
  title: 'token',
  async run({ connection }) {
    if (connection.actor === undefined) return []
    // Where each try may lock the account, only `runner connections test` tries again.
    if (!(await connection.signInNeeded())?.locksOut) await connection.askAgain()
    await connection.renew()
    return { result: 'ok', says: proven[connection.actor] }
  },
}
