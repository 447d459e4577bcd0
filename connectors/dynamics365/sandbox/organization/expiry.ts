import type { Values } from './body.ts'
import { quoted } from './database.ts'
import { expiryColumn } from './identity.ts'
import type { Organization } from './open.ts'
import { storedMoment } from './values.ts'

/** When a row with `ttlinseconds` goes (facts sheet "Elastic tables"). */
export function setExpiry({ clock }: Organization, values: Values): void {
  const seconds = values.get('ttlinseconds')
  values.set(expiryColumn, seconds == null ? null : storedMoment(new Date(clock().getTime() + Number(seconds) * 1_000)))
}

/** Rows whose time is over are gone; nobody is told. */
export function dropExpired({ schema, database, clock }: Organization): void {
  for (const { elastic, logicalName } of schema.tables.values())
    if (elastic) database.run(`delete from ${quoted(logicalName)} where ${quoted(expiryColumn)} <= ?`, storedMoment(clock()))
}
