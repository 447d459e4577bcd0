import { globSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnyAction, type AnyTrigger, ConnectorError } from '../../../../runner/connector/index.ts'
import { pollingRecipe, runAction, type TestOrganization, testOrganization } from '../../../support/dynamics365.ts'

const test = suite<{ organization: TestOrganization }>('dynamics365 examples')

test.before.each(async (context) => {
  context.organization = await testOrganization()
  const { api } = context.organization.client
  await api.create('accounts', { accountid: '5c1e0d4a-0000-4000-8000-00000000a001', name: 'North Sea Lines', accountnumber: 'A-17' })
})
test.after.each(({ organization }) => organization.close())

/** Fields rendered per row hold expressions in an example; here the row's own values stand in. */
const perRow: Record<string, { rows: unknown[]; values(row: unknown): unknown }> = {
  'upsert-records': { rows: [{ accountnumber: 'X-1', name: 'One' }], values: (row) => row },
}

const folder = join(import.meta.dirname, '../../../../connectors/dynamics365')
const files = globSync('{actions,triggers}/*.ts', { cwd: folder }).sort()

test('there are operations', () => {
  assert.ok(files.length >= 8)
})

for (const file of files) {
  const operation = ((await import(join(folder, file))) as { default: AnyAction | AnyTrigger }).default
  const name = file.replace(/^.*\/|\.ts$/g, '')
  for (const example of operation.examples) {
    test(`${name}: ${example.name}`, async ({ organization }) => {
      const { Ajv } = await import('ajv')
      const ajv = new Ajv({ strict: false })
      const input = { ...(example.input as object), ...perRow[name] }
      if (!(name in perRow)) assert.ok(ajv.validate(operation.input, input), ajv.errorsText())
      try {
        if (operation.kind === 'trigger') await pollingRecipe(operation, organization.client).poll(input)
        else assert.ok(ajv.validate(operation.output, await runAction(operation, organization.client, input)), ajv.errorsText())
      } catch (error) {
        // uvu prints nothing for an error whose `details` is no text.
        throw error instanceof ConnectorError ? new Error(`${error.code}: ${error.message}`) : error
      }
    })
  }
}

test.run()
