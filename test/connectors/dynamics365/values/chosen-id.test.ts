import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chosenId } from '../../../../connectors/dynamics365/values/chosen-id.ts'
import { isGuid } from '../../../../connectors/dynamics365/webapi/odata.ts'

const test = suite('dynamics365 chosen id')

const at = (text: string) => new Date(text)

test('the same step and row always get the same id, others another', () => {
  const created = at('2026-01-01T00:00:00Z')
  assert.is(chosenId('job/step', 0, created), chosenId('job/step', 0, created))
  assert.is.not(chosenId('job/step', 0, created), chosenId('job/step', 1, created))
  assert.is.not(chosenId('job/step', 0, created), chosenId('job/other', 0, created))
  assert.ok(isGuid(chosenId('job/step', 0, created)))
})

test("ids of later jobs come later in SQL Server's order, which compares the last group first", () => {
  const times = ['1999-12-31T23:59:59.999Z', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00.001Z', '2099-01-01T00:00:00Z']
  const groups = times.map((time) => chosenId('job/step', 0, at(time)).slice(-12))
  assert.equal(groups, groups.toSorted())
  assert.is(Number.parseInt(groups[1] ?? '', 16), Date.parse('2026-01-01T00:00:00Z'))
})

test.run()
