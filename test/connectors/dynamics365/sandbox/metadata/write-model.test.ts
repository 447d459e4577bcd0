import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Database } from '../../../../../connectors/dynamics365/sandbox/organization/database.ts'
import { definitionTables } from '../../../../../connectors/dynamics365/sandbox/organization/definition-changes.ts'
import { contentTables } from '../../../../../connectors/dynamics365/sandbox/organization/file-content.ts'
import { buildSchema } from '../../../../../connectors/dynamics365/sandbox/organization/schema.ts'
import { tableDefinition } from '../../../../../connectors/dynamics365/sandbox/organization/tables.ts'
import { remember } from '../../../../../connectors/dynamics365/sandbox/organization/write.ts'
import { type Answer, type Body, type DataPlane, dataPlane } from '../data-plane.ts'

const test = suite('writing definitions, against a model')

const crm = 'Microsoft.Dynamics.CRM.'
const numRuns = Number(process.env.FUZZ_RUNS ?? 10)
const seed = Number(process.env.FUZZ_SEED ?? 1)

/** Texts and whole numbers stay as they are; a lookup holds the id of a row. */
type Value = string | number | boolean | null
interface ModelColumn {
  type: string
  preset: Value
  target?: string
  /** What becomes of a row when the one that it points at is deleted. */
  cascade?: string
}
interface ModelTable {
  columns: Map<string, ModelColumn>
  /** By name, its columns. */
  keys: Map<string, string[]>
  rows: Map<string, Record<string, Value>>
}
/** By logical name. */
type Model = Map<string, ModelTable>

const tableNames = ['new_a', 'new_b', 'new_c']
const columnNames = ['new_x', 'new_y', 'new_z', 'new_x_base', 'new_xid', 'new_y_name', 'new_y_url']
const types = ['String', 'Integer', 'Boolean', 'Picklist', 'Money', 'File', 'Image', 'DateTime']

/** What comes with a column. */
function followers(name: string, type: string): string[] {
  if (type === 'Money') return [`${name}_base`]
  if (type === 'File') return [`${name}_name`]
  return type === 'Image' ? [`${name}id`, `${name}_timestamp`, `${name}_url`] : []
}

const pick = (...names: string[]) => fc.constantFrom(...names)
const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('add table' as const), table: pick(...tableNames), notes: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop table' as const), table: pick(...tableNames) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('add column' as const),
      table: pick(...tableNames),
      column: pick(...columnNames),
      type: pick(...types),
      preset: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('drop column' as const), table: pick(...tableNames), column: pick(...columnNames) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('change column' as const),
      table: pick(...tableNames),
      column: pick(...columnNames, 'new_name'),
      preset: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('add lookup' as const),
      table: pick(...tableNames),
      target: pick(...tableNames),
      column: pick(...columnNames),
      cascade: pick('Cascade', 'RemoveLink'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('add key' as const),
      table: pick(...tableNames),
      key: pick('new_x', 'new_k'),
      columns: fc.uniqueArray(pick(...columnNames, 'new_name'), { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop key' as const), table: pick(...tableNames), key: pick('new_x', 'new_k') }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('add row' as const), table: pick(...tableNames), seed: fc.nat(1000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop row' as const), table: pick(...tableNames), seed: fc.nat(1000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('nonsense' as const),
      table: pick(...tableNames),
      column: pick('new_"', '__proto__', 'constructor', "new_'; drop table account; --", `new_${'x'.repeat(60)}`, 'new_x type'),
    }),
  },
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

const attributes = (table: string) => `EntityDefinitions(LogicalName='${table}')/Attributes`

function columnBody(name: string, type: string, preset: boolean): Body {
  const label = { LocalizedLabels: [{ Label: 'A <b> & "c"', LanguageCode: 1033 }] }
  return {
    '@odata.type': `${crm}${type}AttributeMetadata`,
    SchemaName: name,
    Description: label,
    ...(type === 'Boolean' && { DefaultValue: preset }),
    ...(type === 'Picklist' && { OptionSet: { Options: [{ Value: 1, Label: label }] }, DefaultFormValue: preset ? 1 : -1 }),
  }
}

function presetOf(type: string, preset: boolean): Value {
  if (type === 'Boolean') return preset
  return type === 'Picklist' && preset ? 1 : null
}

/** Sends a command and follows it in the model. */
async function run({ send }: DataPlane, model: Model, one: Command): Promise<void> {
  const table = model.get(one.table)
  const owed = (answer: Answer, right: boolean) =>
    assert.is(answer.status < 300, right, `${JSON.stringify(one)}: ${answer.status} ${answer.text}`)
  const isFree = (names: string[]) => !!table && names.every((name) => !table.columns.has(name))
  switch (one.kind) {
    case 'add table': {
      const body = {
        '@odata.type': `${crm}EntityMetadata`,
        SchemaName: one.table,
        HasNotes: one.notes,
        Attributes: [{ ...columnBody('new_name', 'String', false), IsPrimaryName: true }],
      }
      owed(await send('POST', 'EntityDefinitions', body), !table)
      const columns = new Map<string, ModelColumn>([['new_name', { type: 'String', preset: null }]])
      if (!table) model.set(one.table, { columns, keys: new Map(), rows: new Map() })
      return
    }
    case 'drop table': {
      const isUsed = [...model].some(
        ([name, { columns }]) => name !== one.table && [...columns.values()].some(({ target }) => target === one.table),
      )
      owed(await send('DELETE', `EntityDefinitions(LogicalName='${one.table}')`), !!table && !isUsed)
      if (!isUsed) model.delete(one.table)
      return
    }
    case 'add column': {
      const names = [one.column, ...followers(one.column, one.type)]
      const right = isFree(names)
      owed(await send('POST', attributes(one.table), columnBody(one.column, one.type, one.preset)), right)
      if (!right) return
      table!.columns.set(one.column, { type: one.type, preset: presetOf(one.type, one.preset) })
      for (const name of names.slice(1)) table!.columns.set(name, { type: 'follower', preset: null })
      for (const row of table!.rows.values()) row[one.column] = null
      return
    }
    case 'drop column': {
      const column = table?.columns.get(one.column)
      const isInKey = [...(table?.keys.values() ?? [])].some((columns) => columns.includes(one.column))
      const right = !!column && column.type !== 'follower' && !isInKey
      owed(await send('DELETE', `${attributes(one.table)}(LogicalName='${one.column}')`), right)
      if (right) for (const name of [one.column, ...followers(one.column, column.type)]) dropColumn(table!, name)
      return
    }
    case 'change column': {
      const column = table?.columns.get(one.column)
      const address = `${attributes(one.table)}(LogicalName='${one.column}')`
      const { body } = await send('GET', address)
      const changed = {
        ...body,
        ...(column?.type === 'Boolean' && { DefaultValue: one.preset }),
        ...(column?.type === 'Picklist' && { DefaultFormValue: one.preset ? 1 : -1 }),
        ...(column?.type === 'String' && { MaxLength: 50 }),
      }
      owed(await send('PUT', address, column ? changed : {}), !!column)
      if (column) column.preset = presetOf(column.type, one.preset)
      return
    }
    case 'add lookup': {
      const right = isFree([one.column]) && model.has(one.target)
      const answer = await send('POST', 'RelationshipDefinitions', {
        '@odata.type': `${crm}OneToManyRelationshipMetadata`,
        SchemaName: `new_${one.table}_${one.column}`,
        ReferencingEntity: one.table,
        ReferencedEntity: one.target,
        CascadeConfiguration: { Delete: one.cascade },
        Lookup: { SchemaName: one.column },
      })
      owed(answer, right)
      if (!right) return
      table!.columns.set(one.column, { type: 'Lookup', preset: null, target: one.target, cascade: one.cascade })
      for (const row of table!.rows.values()) row[one.column] = null
      return
    }
    case 'add key': {
      const fitting = ['String', 'Integer', 'Picklist', 'DateTime', 'Lookup']
      const right =
        !!table && !table.keys.has(one.key) && one.columns.every((name) => fitting.includes(table.columns.get(name)?.type ?? ''))
      const answer = await send('POST', `EntityDefinitions(LogicalName='${one.table}')/Keys`, {
        SchemaName: one.key,
        KeyAttributes: one.columns,
      })
      // What a file or picture brings along is a text, too.
      const isOther = one.columns.some((name) => table?.columns.get(name)?.type === 'follower')
      if (!isOther) owed(answer, right)
      if (answer.status < 300) table!.keys.set(one.key, one.columns)
      return
    }
    case 'drop key': {
      owed(await send('DELETE', `EntityDefinitions(LogicalName='${one.table}')/Keys(LogicalName='${one.key}')`), !!table?.keys.has(one.key))
      table?.keys.delete(one.key)
      return
    }
    case 'add row': {
      const row: Record<string, Value> = {}
      const body: Body = {}
      for (const [name, { type, preset, target }] of table?.columns ?? []) {
        const [first] = target === undefined ? [] : (model.get(target)?.rows.keys() ?? [])
        if (type === 'String') row[name] = body[name] = `text ${one.seed}`
        else if (type === 'Integer') row[name] = body[name] = one.seed
        else if (type === 'DateTime') row[name] = body[name] = `2026-01-01T00:00:${String(one.seed % 60).padStart(2, '0')}Z`
        else if (first !== undefined) {
          row[name] = first
          body[`${name}@odata.bind`] = `/${target}s(${first})`
        } else row[name] = preset
      }
      const { status, text, headers } = await send('POST', `${one.table}s`, body)
      assert.ok(table ? status === 204 || (status === 412 && table.keys.size > 0) : status === 404, text)
      if (status === 204) table!.rows.set(/\(([^)]*)\)$/.exec(headers['OData-EntityId']!)![1]!, row)
      return
    }
    case 'drop row': {
      const ids = [...(table?.rows.keys() ?? [])]
      const id = ids[one.seed % ids.length]
      if (id === undefined) return
      owed(await send('DELETE', `${one.table}s(${id})`), true)
      dropRow(model, one.table, id)
      return
    }
    case 'nonsense':
      owed(await send('POST', attributes(one.table), columnBody(one.column, 'String', false)), false)
      owed(await send('DELETE', `EntityDefinitions(LogicalName='${one.table}')/${one.column.replaceAll(/\W/g, '')}`), false)
  }
}

function dropColumn({ columns, rows }: ModelTable, name: string): void {
  columns.delete(name)
  for (const row of rows.values()) delete row[name]
}

function dropRow(model: Model, tableName: string, id: string): void {
  model.get(tableName)!.rows.delete(id)
  for (const [childName, child] of model)
    for (const [name, { target, cascade }] of child.columns)
      for (const [childId, row] of child.rows) {
        if (target !== tableName || row[name] !== id) continue
        if (cascade === 'Cascade') dropRow(model, childName, childId)
        else row[name] = null
      }
}

/** Rows and definitions are as the model has them, and the three ways to read definitions agree. */
async function compare({ get, organization }: DataPlane, model: Model): Promise<void> {
  const csdl = (await get('$metadata')).text
  for (const name of tableNames) {
    const table = model.get(name)
    const type = new RegExp(`<EntityType Name="${name}".*?</EntityType>`, 's').exec(csdl)?.[0]
    assert.is(type !== undefined, table !== undefined)
    if (!table) continue
    const { body } = await get(`EntityDefinitions(LogicalName='${name}')?$expand=Attributes,Keys,ManyToOneRelationships`)
    const columns: Body[] = body.Attributes.filter((one: Body) => one.IsValidODataAttribute)
    const own = columns.map((one) => String(one.LogicalName)).filter((one) => one.startsWith('new_') && one !== `${name}id`)
    assert.equal(own.sort(), [...table.columns.keys()].sort())
    assert.equal(body.Keys.map((one: Body) => one.LogicalName).sort(), [...table.keys.keys()].sort())
    const isLookup = (one: Body) => ['Lookup', 'Owner', 'Customer'].includes(one.AttributeType)
    const properties = columns.map((one) => (isLookup(one) ? `_${one.LogicalName}_value` : one.LogicalName))
    assert.equal([...type!.matchAll(/<Property Name="(\w+)"/g)].map(([, one]) => one).sort(), properties.sort())
    const navigations = new Set([...type!.matchAll(/<NavigationProperty Name="(\w+)"/g)].map(([, one]) => one))
    for (const one of body.ManyToOneRelationships)
      assert.ok(navigations.has(one.ReferencingEntityNavigationPropertyName), one.ReferencingEntityNavigationPropertyName)
    await compareRows((await get(`${name}s`)).body.value, name, table)
  }
  compareSql(organization.database, buildSchema(organization.schema.definitions))
  assert.is(organization.database.get('select count(*) as files from file_content')?.files, 0)
}

async function compareRows(rows: Body[], name: string, { columns, rows: wanted }: ModelTable): Promise<void> {
  assert.equal(rows.map((row) => row[`${name}id`]).sort(), [...wanted.keys()].sort())
  // Pictures are not among what is given without being asked for.
  for (const row of rows)
    for (const [column, value] of Object.entries(wanted.get(row[`${name}id`])!))
      assert.is(row[columns.get(column)!.type === 'Lookup' ? `_${column}_value` : column] ?? null, value, `${name}.${column}`)
}

/** A database has the tables, indexes and triggers of a new one; only the order of columns may differ. */
function compareSql(database: Database, schema: ReturnType<typeof buildSchema>): void {
  const fresh = new Database(':memory:')
  for (const table of schema.tables.values()) fresh.exec(tableDefinition(table))
  fresh.exec([contentTables, definitionTables].join(';\n'))
  const own = new Set(['sandbox', 'deleted', 'deleted_by_table'])
  const told = (one: Database) =>
    one
      .all('select type, name, sql from sqlite_schema where sql is not null order by type, name')
      .filter(({ name }) => !own.has(String(name)))
      .map(({ type, name, sql }) => `${type} ${name} ${type === 'table' ? sortedColumns(String(sql)) : sql}`)
  assert.equal(told(database), told(fresh))
  fresh.close()
}

function sortedColumns(sql: string): string {
  return sql
    .replace(/^[^(]*\(/, '')
    .slice(0, -1)
    .split(/,\s*(?=")/)
    .sort()
    .join()
}

test('any sequence of definitions and rows does what a model of them does, and leaves what a new organization has', async () => {
  const plane = dataPlane()
  const { organization } = plane
  const property = fc.asyncProperty(fc.array(command, { minLength: 15, maxLength: 25, size: 'max' }), async (commands) => {
    const goBack = remember(organization)
    organization.database.exec('savepoint sequence')
    try {
      const model: Model = new Map()
      await run(plane, model, { kind: 'add table', table: 'new_a', notes: true })
      for (const one of commands) await run(plane, model, one)
      await compare(plane, model)
    } finally {
      organization.database.exec('rollback to sequence; release sequence')
      goBack()
    }
  })
  await fc.assert(property, { seed, numRuns, includeErrorInReport: true })
})

test('the same with a restart after each', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runner-test-'))
  const file = path.join(folder, 'organization.db')
  const model: Model = new Map()
  let plane = dataPlane({ file })
  for (const one of fc.sample(command, { seed: 3, numRuns: 16 })) {
    await run(plane, model, one)
    plane.organization.close()
    plane = dataPlane({ file })
  }
  await compare(plane, model)
  plane.organization.close()
  rmSync(folder, { recursive: true })
})

test.run()
