import { createHash } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { harbor } from './contract/harbor.ts'
import { type Body, type DataPlane, dataPlane } from './data-plane.ts'

const files = suite('files, pictures and notes of the sandbox')
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const octets = { 'content-type': 'application/octet-stream' }

async function vessel(plane: DataPlane): Promise<string> {
  return plane.create('hrb_vessels', { hrb_name: 'MV Petrel' })
}

const open = () => dataPlane({ parts: [harbor] })

files('a whole file goes up and comes down', async () => {
  const plane = open()
  const id = await vessel(plane)
  const place = `hrb_vessels(${id})/hrb_cert`
  assert.is((await plane.get(`${place}/$value`)).status, 204)
  const up = await plane.send('PATCH', place, 'certificate', { ...octets, 'x-ms-file-name': 'class-cert.pdf' })
  assert.is(up.status, 204)
  const row = (await plane.get(`hrb_vessels(${id})?$select=hrb_cert,hrb_cert_name`)).body
  assert.match(row.hrb_cert, /^[0-9a-f-]{36}$/)
  assert.is(row.hrb_cert_name, 'class-cert.pdf')
  const down = await plane.get(`${place}/$value`)
  assert.equal([down.status, down.text], [200, 'certificate'])
  assert.equal(
    ['Content-Type', 'x-ms-file-name', 'x-ms-file-size', 'mimetype'].map((name) => down.headers[name]),
    ['application/octet-stream', 'class-cert.pdf', '11', 'application/octet-stream'],
  )
  const attachments = (await plane.get(`hrb_vessels(${id})/hrb_vessel_FileAttachments?$select=filename,filesizeinbytes,regardingfieldname`))
    .body.value
  assert.equal(
    attachments.map((one: Body) => [one.filename, one.filesizeinbytes, one.regardingfieldname]),
    [['class-cert.pdf', 11, 'hrb_cert']],
  )
})

files('a range of it, and as JSON', async () => {
  const plane = open()
  const place = `hrb_vessels(${await vessel(plane)})/hrb_cert`
  await plane.send('PATCH', place, '0123456789', { ...octets, 'x-ms-file-name': 'a.bin' })
  const part = await plane.get(`${place}/$value`, { range: 'bytes=2-5' })
  assert.equal([part.status, part.text, part.headers['x-ms-chunk-size']], [206, '2345', '4194304'])
  const json = await plane.get(`${place}?size=full`, { range: 'bytes=8-20' })
  assert.is(Buffer.from(json.body.value, 'base64').toString(), '89')
  assert.match(json.headers['Content-Disposition']!, /^attachment; /)
  plane.organization.switches.files_in_database = true
  assert.is((await plane.get(`${place}/$value`, { range: 'bytes=2-5' })).body.error.code, '0x80090017')
})

files('chunks in any order, and an empty one behind the last', async () => {
  const plane = open()
  const place = `hrb_vessels(${await vessel(plane)})/hrb_cert`
  const begun = await plane.send('PATCH', `${place}?x-ms-file-name=c%C3%A9rt.pdf`, '', { 'x-ms-transfer-mode': 'chunked' })
  assert.equal([begun.status, begun.headers['x-ms-chunk-size'], begun.headers['Accept-Ranges']], [200, '4194304', 'bytes'])
  const chunk = (text: string, range: string) =>
    plane.send('PATCH', begun.headers.Location!, text, { ...octets, 'content-range': `bytes ${range}/9`, 'x-ms-transfer-mode': 'chunked' })
  assert.is((await chunk('defg', '3-6')).status, 206)
  assert.is((await chunk('hi', '7-8')).status, 206)
  assert.is((await chunk('abc', '0-2')).status, 204)
  assert.is((await chunk('', '9-8')).status, 204)
  const down = await plane.get(`${place}/$value`)
  assert.equal([down.text, down.headers['x-ms-file-name']], ['abcdefghi', 'c%C3%A9rt.pdf'])
})

files('blocks by action', async () => {
  const plane = open()
  const id = await vessel(plane)
  const target = { hrb_vesselid: id, '@odata.type': 'Microsoft.Dynamics.CRM.hrb_vessel' }
  const call = async (name: string, body: object) => (await plane.send('POST', name, body)).body as Body
  const { FileContinuationToken } = await call('InitializeFileBlocksUpload', {
    Target: target,
    FileName: 'b.bin',
    FileAttributeName: 'hrb_cert',
  })
  const [one, two] = ['QjE=', 'QjI=']
  for (const [BlockId, text] of [
    [two, 'second'],
    [one, 'first '],
  ])
    assert.is(
      (await plane.send('POST', 'UploadBlock', { BlockId, BlockData: Buffer.from(text!).toString('base64'), FileContinuationToken }))
        .status,
      204,
    )
  const done = await call('CommitFileBlocksUpload', {
    FileName: 'b.pdf',
    MimeType: 'application/pdf',
    BlockList: [one, two],
    FileContinuationToken,
  })
  assert.is(done.FileSizeInBytes, 12)
  const begun = await call('InitializeFileBlocksDownload', { Target: target, FileAttributeName: 'hrb_cert' })
  assert.equal([begun.FileName, begun.FileSizeInBytes, begun.IsChunkingSupported], ['b.pdf', 12, true])
  const block = await call('DownloadBlock', { Offset: 6, BlockLength: 4, FileContinuationToken: begun.FileContinuationToken })
  assert.is(Buffer.from(block.Data, 'base64').toString(), 'seco')
  assert.is((await plane.send('POST', 'DeleteFile', { FileId: done.FileId })).status, 204)
  assert.is((await plane.get(`hrb_vessels(${id})?$select=hrb_cert`)).body.hrb_cert, null)
})

files('a file that is too large, that has no name, or that stands in a body is refused', async () => {
  const plane = open()
  const id = await vessel(plane)
  const big = Buffer.alloc(32_768 * 1024 + 1, 'x').toString()
  const refused = await plane.send('PATCH', `hrb_vessels(${id})/hrb_cert`, big, { ...octets, 'x-ms-file-name': 'big' })
  assert.is(refused.body.error.code, '0x80044a02')
  assert.is((await plane.send('PATCH', `hrb_vessels(${id})/hrb_cert`, 'x', octets)).status, 400)
  assert.is((await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_cert: 'x' })).status, 400)
})

files('a deleted row and a deleted file leave no bytes behind', async () => {
  const plane = open()
  const kept = () => Number(plane.organization.database.get('select count(*) as count from file_content')?.count)
  const id = await vessel(plane)
  const place = `hrb_vessels(${id})/hrb_cert`
  for (const text of ['one', 'two']) await plane.send('PATCH', place, text, { ...octets, 'x-ms-file-name': 'a' })
  assert.is(kept(), 1)
  assert.is((await plane.send('DELETE', place)).status, 204)
  assert.is(kept(), 0)
  await plane.send('PATCH', place, 'three', { ...octets, 'x-ms-file-name': 'a' })
  await plane.send('DELETE', `hrb_vessels(${id})`)
  assert.is(kept(), 0)
})

files('pictures: in a body, alone, and full', async () => {
  const plane = open()
  const created = await plane.send('POST', 'hrb_vessels', { hrb_name: 'MV Photo', hrb_photo: png.toString('base64') })
  assert.is(created.status, 204)
  const id = /\(([^)]*)\)$/.exec(created.headers['OData-EntityId']!)![1]
  const row = (await plane.get(`hrb_vessels(${id})`)).body
  assert.is('hrb_photo' in row, false)
  assert.match(row.hrb_photo_url, new RegExp(`^/Image/download\\.aspx\\?Entity=hrb_vessel&Attribute=hrb_photo&Id=${row.hrb_photoid}`))
  const chosen = (await plane.get(`hrb_vessels(${id})?$select=hrb_photo`)).body
  assert.is(chosen.hrb_photo, png.toString('base64'))
  for (const path of ['$value', '$value?size=full']) {
    const answer = await plane.bytes(`hrb_vessels(${id})/hrb_photo/${path}`)
    assert.is(createHash('sha1').update(answer).digest('hex'), createHash('sha1').update(png).digest('hex'))
  }
  const bad = await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_photo: Buffer.from('no picture').toString('base64') })
  assert.is(bad.body.error.code, '0x80072553')
  assert.is((await plane.send('PUT', `hrb_vessels(${id})/hrb_photo`, { value: null })).status, 204)
  assert.is((await plane.get(`hrb_vessels(${id})`)).body.hrb_photoid, null)
})

files('a picture that was replaced, cleared or deleted with its row leaves no bytes behind', async () => {
  const plane = open()
  const kept = () => Number(plane.organization.database.get('select count(*) as n from file_content')?.n)
  const id = await plane.create('hrb_vessels', { hrb_name: 'MV Photo', hrb_photo: png.toString('base64') })
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_photo: png.toString('base64') })
  assert.is(kept(), 1)
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_photo: null })
  assert.is(kept(), 0)
  await plane.send('PATCH', `hrb_vessels(${id})`, { hrb_photo: png.toString('base64') })
  await plane.send('DELETE', `hrb_vessels(${id})`)
  assert.is(kept(), 0)
})

files('notes and attachments: size, cap, bare body, blocks', async () => {
  const plane = open()
  const account = await plane.create('accounts', { name: 'Lines' })
  const text = Buffer.from('minutes').toString('base64')
  const note = await plane.create('annotations', {
    subject: 'Call',
    filename: 'minutes.txt',
    mimetype: 'text/plain',
    documentbody: text,
    'objectid_account@odata.bind': `/accounts(${account})`,
  })
  const row = (await plane.get(`annotations(${note})?$select=filesize,isdocument`)).body
  assert.equal([row.filesize, row.isdocument], [7, true])
  const bare = await plane.get(`annotations(${note})/documentbody/$value`)
  assert.equal([bare.headers['Content-Type'], bare.text], ['text/plain', text])
  const big = await plane.send('POST', 'annotations', { documentbody: 'A'.repeat(5_242_884) })
  assert.is(big.body.error.code, '0x80044a02')

  const target = { annotationid: note, '@odata.type': 'Microsoft.Dynamics.CRM.annotation', filename: 'more.txt' }
  const begun = (await plane.send('POST', 'InitializeAnnotationBlocksUpload', { Target: target })).body
  const { FileContinuationToken } = begun
  await plane.send('POST', 'UploadBlock', {
    BlockId: 'QjE=',
    BlockData: Buffer.from('more minutes').toString('base64'),
    FileContinuationToken,
  })
  const done = (await plane.send('POST', 'CommitAnnotationBlocksUpload', { Target: target, BlockList: ['QjE='], FileContinuationToken }))
    .body
  assert.equal([done.AnnotationId, done.FileSizeInBytes], [note, 12])
  const down = (await plane.send('POST', 'InitializeAnnotationBlocksDownload', { Target: target })).body
  assert.is(down.FileName, 'more.txt')
})

files('attachments of an e-mail', async () => {
  const plane = open()
  const email = await plane.create('emails', { subject: 'Berths' })
  const id = await plane.create('activitymimeattachments', {
    body: Buffer.from('berths').toString('base64'),
    filename: 'berths.csv',
    'objectid_email@odata.bind': `/emails(${email})`,
    objecttypecode: 'email',
  })
  const listed = (await plane.get(`emails(${email})/email_activity_mime_attachment?$select=filename,filesize`)).body.value
  assert.equal([listed[0].activitymimeattachmentid, listed[0].filesize], [id, 6])
})

files.run()
