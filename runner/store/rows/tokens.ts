import { randomInt } from 'node:crypto'
import type { Sql } from '../sql.ts'
import type { TokenRow, TokenRows } from '../store.ts'

/** Bound to its fingerprint as well: a changed one would hand the tokens to another host. */
const place = (name: string, fingerprint: string) => `tokens.payload:${JSON.stringify([name, fingerprint])}`

/** Versions of a row begin anywhere, so that one that was deleted and made anew is not taken for the old one. */
const beginnings = 2 ** 47

export function tokenRows({ db, cipher, read, write }: Sql, lifeSigns: { isGone(lifeSign: string): boolean }, lifeSign: string): TokenRows {
  const open = (row: { name: string; fingerprint: string; payload: Uint8Array; version: number }): TokenRow => ({
    fingerprint: row.fingerprint,
    payload: cipher.open(row.payload, place(row.name, row.fingerprint)),
    version: row.version,
  })
  return {
    async get(name) {
      const [row] = await read(db.selectFrom('tokens').selectAll().where('name', '=', name))
      return row && open(row)
    },

    async put(name, { fingerprint, payload }, version) {
      const next = version === 0 ? randomInt(1, beginnings) : version + 1
      const set = { fingerprint, payload: cipher.seal(payload, place(name, fingerprint)), version: next }
      const query =
        version === 0
          ? db
              .insertInto('tokens')
              .values({ name, ...set })
              .onConflict((c) => c.doNothing())
          : db.updateTable('tokens').set(set).where('name', '=', name).where('version', '=', version)
      const [result] = await write([query])
      return result?.changes === 1 ? next : undefined
    },

    async delete(name) {
      const [result] = await write([db.deleteFrom('tokens').where('name', '=', name)])
      return result?.changes === 1
    },

    async list() {
      const rows = await read(db.selectFrom('tokens').selectAll().orderBy('name'))
      return rows.map((row) => ({ name: row.name, ...open(row) }))
    },

    lifeSign,
    isGone: (other) => other !== lifeSign && lifeSigns.isGone(other),
  }
}
