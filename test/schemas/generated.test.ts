import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { catalog } from '../../connectors/catalog.ts'
import { generatedFiles } from '../../schemas/generated-files.ts'

const test = suite('generated files')

const root = join(import.meta.dirname, '../..')
const { files, failures } = await generatedFiles(join(root, 'connectors'))
const operations = Object.values(catalog).flatMap((connector) => Object.entries(connector.operations))

function compiled(path: string): ValidateFunction {
  return new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(files.get(path) as string))
}

const rows = { type: 'files.rows', with: { path: 'a.csv' } }

function recipeOf(trigger: unknown, steps: unknown = [{ action: 'files.append', with: { path: 'b.csv', row: {} } }]) {
  return { name: 'Copy', trigger, steps }
}

test('none is stale: `npm run generate` would write nothing', () => {
  assert.equal(failures, [])
  for (const [path, text] of files) {
    assert.ok(existsSync(join(root, path)), `${path} is missing`)
    assert.ok(readFileSync(join(root, path), 'utf8') === text, `${path} is stale; run \`npm run generate\``)
  }
})

test('the editor schemas are draft-07 without keys of the library that declares them', () => {
  for (const path of ['schemas/recipe.schema.json', 'schemas/connection.schema.json', 'schemas/runner.schema.json']) {
    const schema = JSON.parse(files.get(path) as string)
    const ajv = new Ajv({ strict: false })
    assert.ok(ajv.validateSchema(schema), ajv.errorsText())
    assert.not.match(files.get(path) as string, /"~/)
  }
  assert.not.match(files.get('connectors/catalog.json') as string, /"~/)
})

test('the catalog loads each declaration under its name', async () => {
  assert.ok(operations.length > 0)
  for (const connector of Object.values(catalog)) assert.is((await connector.load()).name, connector.name)
  for (const [name, entry] of operations) {
    const operation = await entry.load()
    assert.is(operation.kind, entry.kind, name)
    assert.is(operation.title, entry.title, name)
  }
})

test('each example of an operation fits its input schema', () => {
  const recipe = compiled('schemas/recipe.schema.json')
  for (const [name, { kind, input, examples }] of operations) {
    assert.ok(examples.length > 0, `${name} has no example`)
    for (const example of examples) {
      const text =
        kind === 'trigger' ? recipeOf({ type: name, with: example.input }) : recipeOf(rows, [{ action: name, with: example.input }])
      assert.ok(recipe(text), `${name}, ${example.name}: ${JSON.stringify(recipe.errors)}`)
    }
    assert.is(input.additionalProperties, false, `${name} takes unknown fields`)
  }
})

test('every field of every operation and connector has a title and a description', () => {
  for (const connector of Object.values(catalog)) {
    const schemas: [string, Record<string, unknown>][] = [
      [connector.name, connector.settings],
      ...Object.entries(connector.operations).map(([name, { input }]): [string, Record<string, unknown>] => [name, input]),
    ]
    for (const [name, schema] of schemas) {
      for (const [field, { title, description }] of Object.entries((schema.properties ?? {}) as Record<string, Record<string, unknown>>)) {
        assert.type(title, 'string', `${name}: \`${field}\` has no title`)
        assert.type(description, 'string', `${name}: \`${field}\` has no description`)
      }
    }
  }
})

test('the reference page of a connector names every field, and its YAML blocks are recipes in part', () => {
  const recipe = compiled('schemas/recipe.schema.json')
  for (const connector of Object.values(catalog)) {
    const page = files.get(`docs/reference/${connector.name}.md`) as string
    for (const [name, { input }] of Object.entries(connector.operations)) {
      const section = page.slice(page.indexOf(`### \`${name}\``))
      for (const field of Object.keys((input.properties ?? {}) as object))
        assert.ok(section.includes(`| \`${field}\``), `${name}: ${field}`)
    }
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => parse(block as string))
    for (const block of blocks) {
      if ('connection' in block) continue
      const text = Array.isArray(block) ? recipeOf(rows, block) : recipeOf(block.trigger)
      assert.ok(recipe(text), JSON.stringify(recipe.errors))
    }
  }
})

test.run()
