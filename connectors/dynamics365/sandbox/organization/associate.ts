import { randomUUID } from 'node:crypto'
import { WebApiError } from '../error.ts'
import { requireRight } from '../privileges/check.ts'
import { type RowReference, setLookup, type Values } from './body.ts'
import { quoted } from './database.ts'
import type { Caller, Organization } from './open.ts'
import type { Collection, ManyToManyCollection, Through } from './schema.ts'
import { updateRow } from './update.ts'
import { tell, write } from './write.ts'

/**
 * Puts a row into a collection of another row: sets its lookup, or adds a pair (facts sheet "Associate and disassociate").
 * @throws WebApiError 412 for a pair that is there already
 */
export function addMember(
  organization: Organization,
  owner: RowReference,
  collection: Collection,
  member: RowReference,
  caller: Caller,
): void {
  if (collection.through) addPair(organization, owner, collection, member, caller)
  else {
    const values: Values = new Map()
    setLookup(member.table, values, collection.lookup, owner)
    updateRow(organization, member.table, member.id, values, caller)
  }
}

/** Takes a row, which must be in it, out of a collection of another row. */
export function removeMember(
  organization: Organization,
  owner: RowReference,
  collection: Collection,
  member: RowReference,
  caller: Caller,
): void {
  const { through, lookup } = collection
  if (through) {
    requirePairing(organization, owner, member, caller)
    const sql = `delete from ${quoted(through.intersect)} where ${quoted(through.own)} = ? and ${quoted(through.other)} = ?`
    write(organization, () => {
      organization.database.run(sql, owner.id, member.id)
      tellPair(organization, 'Disassociate', owner, through, member, caller)
    })
  } else {
    const values: Values = new Map()
    setLookup(member.table, values, lookup, null)
    updateRow(organization, member.table, member.id, values, caller)
  }
}

/** @throws WebApiError 403 */
function requirePairing(organization: Organization, owner: RowReference, member: RowReference, caller: Caller): void {
  requireRight(organization, caller, owner.table, 'Append', owner.id)
  requireRight(organization, caller, member.table, 'AppendTo', member.id)
}

function addPair(
  organization: Organization,
  owner: RowReference,
  { through }: ManyToManyCollection,
  member: RowReference,
  caller: Caller,
): void {
  const { database, switches } = organization
  const name = quoted(through.intersect)
  requirePairing(organization, owner, member, caller)
  const known = `select 1 from ${name} where ${quoted(through.own)} = ? and ${quoted(through.other)} = ?`
  if (database.get(known, owner.id, member.id)) {
    if (switches.pair_again === 'ignore') return
    throw new WebApiError(412, '0x80040237', 'Cannot insert duplicate key.')
  }
  const columns = [`${through.intersect}id`, through.own, through.other, 'versionnumber'].map(quoted)
  const sql = `insert into ${name} (${columns.join(', ')}) values (?, ?, ?, ?)`
  write(organization, () => {
    database.run(sql, randomUUID(), owner.id, member.id, ++organization.version)
    tellPair(organization, 'Associate', owner, through, member, caller)
  })
}

function tellPair(
  organization: Organization,
  message: 'Associate' | 'Disassociate',
  { table, id }: RowReference,
  { schemaName: relationship }: Through,
  member: RowReference,
  caller: Caller,
): void {
  tell(organization, { message, table, id, values: new Map(), given: new Set(), pair: { relationship, member }, caller })
}
