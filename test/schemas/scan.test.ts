import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { catalogSource } from '../../schemas/catalog-source.ts'
import { operationName, scanConnectors } from '../../schemas/scan.ts'
import { tempFolder } from '../support/temp.ts'

const test = suite('scan of connectors')

const contract = pathToFileURL(join(import.meta.dirname, '../../runner/connector/index.ts')).href

/** A folder of connectors from file texts by path. */
function connectors(files: Record<string, string>): string {
  const folder = tempFolder()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), `import { defineConnection, Secret, Type } from '${contract}'\n${text}`)
  }
  return folder
}

const connection = (name: string) =>
  `export default defineConnection({ name: '${name}', title: 'T', description: 'D', settings: Type.Object({ key: Secret() }), open: () => undefined })`
const action = (name: string) =>
  `import connection from '../connection.ts'
  export default connection.action({ title: '${name}', description: 'D', input: Type.Object({}), output: Type.Object({}), effect: 'read', afterUnknownEffect: 'repeat', examples: [], run: async () => ({}) })`
const trigger = `import connection from '../connection.ts'
  export default connection.trigger({ title: 'Row', description: 'D', input: Type.Object({}), event: Type.Object({}), examples: [], async *poll() {} })`

test('a file name is an operation name', () => {
  assert.is(operationName('dynamics365', 'create-record.ts'), 'dynamics365.create_record')
})

test('finds connectors and operations in a stable order, as plain data', async () => {
  const folder = connectors({
    'b/connection.ts': connection('b'),
    'a/connection.ts': connection('a'),
    'a/actions/send-mail.ts': action('Send'),
    'a/actions/read.ts': action('Read'),
    'a/triggers/row-added.ts': trigger,
    'a/notes.txt': '',
  })
  const { connectors: found, failures, modules } = await scanConnectors(folder)
  assert.equal(failures, [])
  assert.equal(Object.keys(found), ['a', 'b'])
  assert.equal(Object.keys(found.a?.operations ?? {}), ['a.row_added', 'a.read', 'a.send_mail'])
  assert.is(modules['a.send_mail'], 'a/actions/send-mail.ts')
  assert.is(found.a?.operations['a.row_added']?.since, 'now')
  assert.equal(found.a?.settings, { type: 'object', required: ['key'], properties: { key: { type: 'string', 'x-secret': true } } })
  const source = catalogSource({ connectors: found, failures, modules })
  assert.match(source, "'a.send_mail': async () => (await import('./a/actions/send-mail.ts')).default")
})

test('what cannot be used is left out and named, the rest is there', async () => {
  const folder = connectors({
    'broken/connection.ts': 'throw new Error("half done")',
    'fine/connection.ts': connection('fine'),
    'fine/actions/read.ts': action('Read'),
    'fine/actions/broken.ts': 'export default nowhere.action({})',
    'fine/actions/nothing.ts': 'export const other = 1',
    'fine/triggers/misplaced.ts': action('An action'),
    'misnamed/connection.ts': connection('other'),
  })
  const { connectors: found, failures } = await scanConnectors(folder)
  assert.equal(Object.keys(found), ['fine', 'misnamed'])
  assert.ok(found.fine?.operations['fine.read'])
  assert.is(failures.length, 5, failures.join('\n'))
  for (const pattern of [
    /broken\/connection\.ts does not import: half done/,
    /fine\/actions\/broken\.ts does not import: nowhere is not defined/,
    /fine\/actions\/nothing\.ts has no default export/,
    /fine\/triggers\/misplaced\.ts declares a action/,
    /misnamed\/connection\.ts declares "other"/,
  ]) {
    assert.ok(
      failures.some((failure) => pattern.test(failure)),
      `${pattern} is missing among\n${failures.join('\n')}`,
    )
  }
})

test.run()
