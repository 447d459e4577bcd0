import type { ColumnPart, ColumnType, Lookup, ManyToMany, TablePart } from '../../organization/seed.ts'
import { type Csdl, type EntityType, type Navigation, type Property, parseCsdl } from '../csdl/read.ts'
import type { Loaded } from './read-metadata.ts'

const columnTypes: Readonly<Record<string, ColumnType>> = {
  'Edm.String': 'String',
  'Edm.Int16': 'Integer',
  'Edm.Int32': 'Integer',
  'Edm.Int64': 'BigInt',
  'Edm.Decimal': 'Decimal',
  'Edm.Double': 'Double',
  'Edm.Boolean': 'Boolean',
  'Edm.Guid': 'Uniqueidentifier',
  'Edm.Date': 'DateTime',
  'Edm.DateTimeOffset': 'DateTime',
  'Edm.Binary': 'Image',
}

/** Lookups that the server sets, where the document marks every lookup property as read-only, since lookups are written through navigation properties. */
const serverLookups = new Set(
  'createdby createdonbehalfby modifiedby modifiedonbehalfby owningbusinessunit owningteam owninguser'.split(' '),
)

/**
 * Tables of a CSDL document. It does not tell choices from whole numbers, nor names of keys and relationships: what a table already has stays,
 * and the rest is guessed (facts sheet "`$metadata`").
 * @throws Error where the text is not well-formed
 */
export function fromCsdl(text: string): Loaded {
  const csdl = parseCsdl(text)
  const notes: string[] = []
  const intersects = new Set<string>()
  const manyToMany = pairs(csdl, intersects, notes)
  const tables = [...csdl.entityTypes.values()]
    .filter(({ name, abstract }) => !abstract && csdl.entitySets.has(name) && !intersects.has(name))
    .map((type) => tablePart(csdl, type, notes))
  return { part: { tableParts: tables, manyToMany }, notes }
}

function tablePart(csdl: Csdl, own: EntityType, notes: string[]): TablePart {
  const types = withBase(csdl, own)
  const lookups = lookupsOf(csdl, own)
  const columns = types.flatMap((type) => type.properties).flatMap((property) => column(csdl, own.name, property, lookups, notes))
  // A recorded document has a navigation property without the property that it is of.
  const missing = new Set(lookups.map((one) => one.column).filter((name) => !columns.some((one) => one.name === name)))
  const has = (name: string) => columns.some((one) => one.name === name)
  return {
    logicalName: own.name,
    entitySetName: csdl.entitySets.get(own.name)!,
    primaryId: primaryId(csdl, own),
    ...(types.some(({ name }) => name === 'activitypointer') && { activity: true as const }),
    ...(has('partitionid') && has('ttlinseconds') && { elastic: true as const }),
    ...(own.description !== undefined && { description: own.description }),
    ...(csdl.changeTracking.has(own.name) && { changeTracking: true as const }),
    keys: own.alternateKeys
      .map((properties) => properties.map(columnName))
      .filter((names) => !names.includes('partitionid'))
      .map((names) => ({ name: `${own.name}_${names.join('_')}`, columns: names })),
    columns: [...columns, ...[...missing].map((name): ColumnPart => ({ name, type: 'Lookup' }))],
    lookups,
  }
}

/** Types derived from `principal` have its key, and an id of their own. */
function primaryId(csdl: Csdl, own: EntityType): string {
  const [key = `${own.name}id`] = withBase(csdl, own).flatMap((type) => type.key)
  return own.baseType === 'principal' ? `${own.name}id` : key
}

/** A type and those that it is made of, each once: a broken document may go round in a circle. */
function withBase(csdl: Csdl, type: EntityType): EntityType[] {
  const types = new Set<EntityType>()
  for (let one: EntityType | undefined = type; one && !types.has(one); one = csdl.entityTypes.get(one.baseType)) types.add(one)
  return [...types]
}

function column(csdl: Csdl, table: string, property: Property, lookups: readonly Lookup[], notes: string[]): ColumnPart[] {
  const name = columnName(property.name)
  const isLookup = name !== property.name
  const type = isLookup ? lookupType(name, lookups) : columnTypes[property.type]
  if (!type) {
    notes.push(`${table}.${name} has the type ${property.type}, which no column has, and is left out.`)
    return []
  }
  const readOnly = isLookup && marksEveryLookup(csdl) ? serverLookups.has(name) : property.readOnly
  return [
    {
      name,
      type,
      guessedType: true,
      ...(readOnly && { readOnly: true }),
      ...(property.writeOnly && { writeOnly: true }),
      ...(property.type === 'Edm.Date' && { dateOnly: true }),
      ...(property.description !== undefined && { description: property.description }),
    },
  ]
}

/** Recorded organizations mark all but owners and those that lead to several tables. */
function marksEveryLookup({ entityTypes }: Csdl): boolean {
  return [...entityTypes.values()].every(({ properties, navigations }) =>
    properties.every(({ name, readOnly }) => {
      const [only, ...others] = navigations.filter(({ property }) => property === name)
      return readOnly || !only || only.type === 'principal' || others.length > 0
    }),
  )
}

function lookupType(name: string, lookups: readonly Lookup[]): ColumnType {
  return lookups.some((one) => one.column === name && one.target === 'owner') ? 'Owner' : 'Lookup'
}

function columnName(property: string): string {
  return /^_(.*)_value$/.exec(property)?.[1] ?? property
}

/** Collections that all activities inherit lead to the base type, and would collide: their lookups go without. */
function lookupsOf(csdl: Csdl, own: EntityType): Lookup[] {
  const types = withBase(csdl, own)
  const properties = types.flatMap((type) => type.properties.map(({ name }) => name))
  const declared = own.navigations.flatMap((one) => toLookup(one, properties))
  const inherited = types.slice(1).flatMap((type) => type.navigations.flatMap((one) => toLookup(one, properties)))
  const overridden = (lookup: Lookup) => declared.some((one) => one.column === lookup.column && one.target === lookup.target)
  return [
    ...declared,
    ...inherited.map(({ collection, ...lookup }) => ({ ...lookup, ...(overridden(lookup) && { inherited: true as const }) })),
  ]
}

function toLookup({ name, type, collection, partner, property }: Navigation, properties: readonly string[]): Lookup[] {
  if (collection) return []
  // Activities name no foreign key: `regardingobjectid_account_task` is of `_regardingobjectid_value`.
  const column = property ? columnName(property) : name.split('_').find((part) => properties.includes(`_${part}_value`))
  if (column === undefined) return []
  const owner = type === 'principal'
  return [{ column, navigation: name, target: owner ? 'owner' : type, ...(partner !== undefined && !owner && { collection: partner }) }]
}

/** Many-to-many relationships are pairs of collections with one name; the table of pairs has nothing but ids. */
function pairs(csdl: Csdl, intersects: Set<string>, notes: string[]): ManyToMany[] {
  const found = new Map<string, ManyToMany>()
  for (const one of csdl.entityTypes.values())
    for (const { name, type, collection, partner } of one.navigations) {
      const other = csdl.entityTypes.get(type)
      if (!collection || partner !== name || found.has(name) || !other) continue
      const [own, theirs] = [primaryId(csdl, one), primaryId(csdl, other)]
      if (one === other) {
        notes.push(`${name} pairs rows of ${one.name} with each other, which CSDL does not tell enough of. It is left out.`)
        continue
      }
      const table = pairTable(csdl, name, [own, theirs])
      if (table) intersects.add(table.name)
      const intersect = table?.name ?? name.toLowerCase()
      found.set(name, {
        schemaName: name,
        intersect,
        intersectEntitySet: csdl.entitySets.get(intersect) ?? `${intersect}collection`,
        ...(table && { primaryId: primaryId(csdl, table) }),
        sides: [
          { table: one.name, column: own, navigation: name },
          { table: other.name, column: theirs, navigation: name },
        ],
      })
    }
  return [...found.values()]
}

function pairTable(csdl: Csdl, name: string, ids: readonly string[]): EntityType | undefined {
  const candidates = [...csdl.entityTypes.values()].filter(({ properties }) => {
    const names = properties.map((one) => one.name)
    return ids.every((id) => names.includes(id)) && names.length <= 4 && names.includes('versionnumber')
  })
  return (
    candidates.find((one) => name === one.name || name === `${one.name}_association`) ??
    (candidates.length === 1 ? candidates[0] : undefined)
  )
}
