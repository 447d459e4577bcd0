import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tempFolder } from '../../../../support/temp.ts'
import { fuzz } from './fuzz.ts'
import { fuzzPlane, type Input, ids } from './plane.ts'
import { damaged, joined, oneOf, sequence, usually } from './text.ts'

const test = suite('fuzzing: files')

// Wherever a program may put a file without being told.
const folder = tempFolder()
const elsewhere = join(folder, 'elsewhere')
mkdirSync(elsewhere)
process.env.HOME = process.env.TMPDIR = elsewhere
process.chdir(elsewhere)
const plane = await fuzzPlane({ file: join(folder, 'rows.sqlite') })

const cell = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('hrb_cert', 'hrb_photo', 'hrb_plan').map((name) => `hrb_vessels(${ids.hrb_vessel})/${name}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `hrb_vessels(${ids.nobody})/hrb_cert`,
      `accounts(${ids.account})/name`,
      `accounts(${ids.account})/entityimage`,
    ),
  },
)
const name = oneOf([
  'a.txt',
  '../../a.txt',
  '/etc/cron.d/a',
  'C:\\Windows\\a',
  '\\\\host\\a',
  'a/../b',
  '.',
  '',
  'nul',
  'ä"b\';.txt',
  'file:///a',
  '~/a',
  '$HOME/a',
  'a\r\nX: b',
])
const byteRange = oneOf([
  '0-3/17',
  '0-16/17',
  '4-16/17',
  '3-1/0',
  '0-0/1',
  '5-9/10',
  '0-3/99999999999999999999',
  '99999999999999999999-0/1',
])
const content = fc.oneof(
  fc.constantFrom('', 'abcd', 'content of a file', 'GIF89a', '\x89PNG\r\n\x1a\n'),
  damaged(fc.constant('content of a file')),
)
/** What a header can hold on the wire. */
const onTheWire = (text: string) => text.replaceAll(/[^\t -~\x80-\xff]/g, '?').trim()
const headers = fc
  .record(
    {
      'x-ms-file-name': name.map(onTheWire),
      'x-ms-transfer-mode': fc.constantFrom('chunked', 'other'),
      'content-range': damaged(sequence('bytes ', byteRange)).map(onTheWire),
      range: damaged(sequence('bytes=', oneOf(['0-3', '5-', '-3', '16-17', '17-', '3-1', '0-99999999999999999999']))).map(onTheWire),
      'if-match': fc.constantFrom('*', 'W/"1"'),
    },
    { requiredKeys: [] },
  )
  .map((some): Record<string, string> => ({ ...some }))

/** A token that was really given out, that of an upload in chunks or in blocks. */
const begun = async (): Promise<string[]> => {
  const chunked = { 'x-ms-transfer-mode': 'chunked', 'x-ms-file-name': 'a.txt' }
  const location = (await plane.send('PATCH', `hrb_vessels(${ids.hrb_vessel})/hrb_cert`, '', chunked)).headers.Location!
  const target = { hrb_vesselid: ids.hrb_vessel, '@odata.type': 'Microsoft.Dynamics.CRM.hrb_vessel' }
  const blocks = await plane.send('POST', 'InitializeFileBlocksUpload', {
    Target: target,
    FileName: 'a.txt',
    FileAttributeName: 'hrb_cert',
  })
  const download = await plane.send('POST', 'InitializeFileBlocksDownload', { Target: target, FileAttributeName: 'hrb_cert' })
  return [new URL(location).searchParams.get('sessiontoken')!, blocks.body.FileContinuationToken, download.body.FileContinuationToken]
}
const token = oneOf(await begun())

const direct = fc.record({
  method: fc.constantFrom('PATCH', 'PATCH', 'GET', 'GET', 'DELETE', 'PUT'),
  path: sequence(
    cell,
    usually('', '/$value', '?size=full', '/$value?size=full'),
    fc.oneof(
      fc.constant(''),
      sequence('?sessiontoken=', token),
      sequence(
        '?x-ms-file-name=',
        name.map((text) => encodeURIComponent(text.toWellFormed())),
      ),
    ),
  ),
  headers,
  body: content,
})
const quoted = (texts: fc.Arbitrary<string>) => texts.map((text) => JSON.stringify(text))
const block = quoted(oneOf(['MQ==', 'Mg==', 'bG9uZ2Vy', '', '1', '__proto__']))
const member = (key: string, values: fc.Arbitrary<string>) => usually(key, 'X').chain((used) => sequence(`"${used}":`, values))
const whole = oneOf(['0', '3', '17', '-1', '1e30', '9007199254740993', '4194304', '0.5'])
const tokenMember = member('FileContinuationToken', quoted(token))
const target = fc.constantFrom(
  `{"hrb_vesselid":"${ids.hrb_vessel}","@odata.type":"Microsoft.Dynamics.CRM.hrb_vessel"}`,
  '{"@odata.type":"Microsoft.Dynamics.CRM.annotation","subject":"a"}',
  `{"annotationid":"${ids.nobody}","@odata.type":"Microsoft.Dynamics.CRM.annotation"}`,
  '{}',
)
const calls: Record<string, fc.Arbitrary<string>[]> = {
  InitializeFileBlocksUpload: [
    member('Target', target),
    member('FileName', quoted(name)),
    member('FileAttributeName', quoted(oneOf(['hrb_cert', 'hrb_photo']))),
  ],
  UploadBlock: [member('BlockId', block), member('BlockData', quoted(oneOf(['YWJj', '', '?', 'YQ']))), tokenMember],
  CommitFileBlocksUpload: [
    member('FileName', quoted(name)),
    member('MimeType', quoted(oneOf(['text/plain', 'a\r\nb']))),
    member('BlockList', sequence('[', joined(block, ',', 3, 0), ']')),
    tokenMember,
  ],
  InitializeFileBlocksDownload: [member('Target', target), member('FileAttributeName', quoted(oneOf(['hrb_cert', 'hrb_name'])))],
  DownloadBlock: [member('Offset', whole), member('BlockLength', whole), tokenMember],
  DeleteFile: [member('FileId', quoted(fc.constantFrom(...Object.values(ids))))],
  InitializeAnnotationBlocksUpload: [member('Target', target)],
  CommitAnnotationBlocksUpload: [member('Target', target), member('BlockList', sequence('[', joined(block, ',', 3, 0), ']')), tokenMember],
  InitializeAnnotationBlocksDownload: [member('Target', target)],
}
const action = fc.constantFrom(...Object.entries(calls)).chain(([path, members]) =>
  fc.record({
    method: fc.constant('POST'),
    path: fc.constant(path),
    body: damaged(sequence('{', ...members.flatMap((one, index) => (index === 0 ? [one] : [',', one])), '}')),
  }),
)
const input: fc.Arbitrary<Input> = fc.oneof({ weight: 3, arbitrary: direct }, { weight: 2, arbitrary: action })

test('files come and go in pieces of any kind, and none is written beside the rows', async () => {
  await fuzz(input, async (one) => (await plane.check(one)).status, 2)
  plane.organization.close()
  assert.equal(readdirSync(elsewhere), [])
  assert.equal(readdirSync(folder).sort(), ['elsewhere', 'rows.sqlite'])
})

test.run()
