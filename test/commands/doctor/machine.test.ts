import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isOlder } from '../../../runner/commands/doctor/node-version.ts'
import { placeOf } from '../../../runner/commands/doctor/store.ts'

const test = suite('runner doctor: this machine')

test('versions are compared number by number', () => {
  const cases: [string, string, boolean][] = [
    ['22.17.9', '22.18', true],
    ['22.18.0', '22.18', false],
    ['24.2.0', '22.18', false],
    ['9.99.99', '22.18', true],
    ['22.18.1', '22.18.2', true],
  ]
  for (const [version, than, older] of cases) assert.is(isOlder(version, than), older, `${version} ${than}`)
})

test('network file systems are refused, those of FUSE doubted, disks taken', () => {
  const cases: [type: number | undefined, result: string | undefined][] = [
    [0x6969, 'failed'],
    [0xff534d42, 'failed'],
    [0xff534d42 | 0, 'failed'],
    [0x01021997, 'failed'],
    [0x65735546, 'warning'],
    [0xef53, undefined],
    [0x794c7630, undefined],
    [undefined, undefined],
  ]
  for (const [type, result] of cases) assert.is(placeOf(type)?.result, result, String(type))
})

test.run()
