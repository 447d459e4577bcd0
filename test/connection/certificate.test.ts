import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeProtectedHeader, jwtVerify } from 'jose'
import selfsigned from 'selfsigned'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import dynamics365 from '../../connectors/dynamics365/connection.ts'
import { startSandbox } from '../../connectors/dynamics365/sandbox/index.ts'
import { authorities } from '../../runner/connection/authorities/index.ts'
import { clientAuthentication } from '../../runner/connection/client-authentication.ts'
import { openHttp } from '../../runner/connection/http.ts'
import { type ConnectionSpec, signIn } from '../../runner/connection/index.ts'
import type { RunningSandbox } from '../../runner/connector/index.ts'
import { adfsSettings } from '../support/adfs-settings.ts'
import { makePfx, type PfxKind, pfxKinds } from '../support/certificates.ts'
import { failure } from '../support/failure.ts'
import { manualClock } from '../support/manual-clock.ts'
import { tempFolder } from '../support/temp.ts'
import { type TestPorts, testPorts, whoAmI } from '../support/test-connection.ts'

const test = suite('connection: sign-in by certificate, against the sandbox')

const [own, other] = await Promise.all(
  ['runner', 'another'].map((value) => selfsigned.generate([{ name: 'commonName', value }], { keySize: 2048 })),
)
const pem = `${own!.cert}\n${own!.private}`
const root = tempFolder()

const forms = {
  entra: (sandbox: RunningSandbox) => ({ ...sandbox.settings, client_secret: undefined, client_certificate: pem }),
  adfs: (sandbox: RunningSandbox) => ({
    ...adfsSettings(sandbox),
    client_id: sandbox.settings.client_id,
    client_certificate: pem,
    auth: 'client_credentials',
  }),
}

interface World extends TestPorts {
  sandbox: RunningSandbox
  /** Where the connection block stands. */
  folder: string
  spec(change?: Record<string, unknown>): ConnectionSpec
  /** Status of `WhoAmI`. */
  asked(change?: Record<string, unknown>): Promise<number>
}

function given(name: string, body: (world: World) => Promise<void>, kinds: (keyof typeof forms)[] = ['entra', 'adfs']): void {
  for (const kind of kinds)
    test(`${kind}: ${name}`, async () => {
      const ports = testPorts()
      const sandbox = await startSandbox({ clock: ports.clock.now, accessTokenTtl: 3_600, certificates: [own!.cert] })
      const folder = mkdtempSync(join(root, 'w-'))
      const spec = (change: Record<string, unknown> = {}): ConnectionSpec => ({
        connector: dynamics365,
        name: 'Sandbox',
        environment: 'default',
        folder,
        settings: { ...forms[kind](sandbox), ...change },
      })
      try {
        await body({
          ...ports,
          sandbox,
          folder,
          spec,
          asked: (change) => whoAmI(ports, spec(change)),
        })
      } finally {
        await sandbox.close()
      }
    })
}

given('the app itself, again after its token has ended', async ({ asked, clock }) => {
  assert.is(await asked(), 200)
  clock.pass(3_600_000)
  assert.is(await asked(), 200)
})

given('an encrypted key needs its password', async ({ asked }) => {
  const key = createPrivateKey(own!.private).export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open sesame' })
  const client_certificate = `${key}${own!.cert}`
  const error = await failure(asked({ client_certificate, client_certificate_password: 'wrong password canary' }))
  assert.is(error.code, 'certificate_invalid')
  assert.not.match(error.message, /canary/)
  assert.is(await asked({ client_certificate, client_certificate_password: 'open sesame' }), 200)
})

const inFile = { client_certificate: undefined, client_certificate_file: 'app.pfx', client_certificate_password: 'open sesame' }

for (const kind of Object.keys(pfxKinds) as PfxKind[])
  given(`a PFX file encrypted with ${kind}`, async ({ asked, folder }) => {
    writeFileSync(join(folder, 'app.pfx'), makePfx(own!, kind, 'open sesame'))
    const error = await failure(asked({ ...inFile, client_certificate_password: 'wrong-canary' }))
    assert.is(error.code, 'certificate_invalid')
    assert.match(error.message, /the PFX cannot be read \(.*[Pp]assword/)
    assert.not.match(error.message, /canary/)
    assert.is(await asked(inFile), 200)
  })

given('a PFX whose password has letters beyond ASCII', async ({ asked, folder, clock }) => {
  for (const kind of Object.keys(pfxKinds) as PfxKind[]) {
    writeFileSync(join(folder, 'app.pfx'), makePfx(own!, kind, 'Straße ¥ 5'))
    assert.is((await failure(asked({ ...inFile, client_certificate_password: 'Strasse ¥ 5' }))).code, 'certificate_invalid')
    assert.is(await asked({ ...inFile, client_certificate_password: 'Straße ¥ 5' }), 200, kind)
    clock.pass(3_600_000)
  }
})

given('a PFX as a secret, in base64 with line ends; without a password', async ({ asked }) => {
  const lines = makePfx(own!, 'AES-256 with PBKDF2 and SHA-256', '').toString('base64').replace(/.{64}/g, '$&\n')
  assert.is(await asked({ client_certificate: lines }), 200)
})

given('a PFX that holds the certificates of its issuers too', async ({ asked, folder }) => {
  writeFileSync(join(folder, 'app.pfx'), makePfx({ cert: `${other!.cert}\n${own!.cert}`, private: own!.private }, '3DES', 'open sesame'))
  assert.is(await asked(inFile), 200)
})

given('a certificate file is read anew with each opening, and another one is tried at once after a refusal', async ({ asked, folder }) => {
  const settings = { client_certificate: undefined, client_certificate_file: 'app.pem' }
  const write = ({ cert, private: key }: typeof own & object) => writeFileSync(join(folder, 'app.pem'), `${key}\r\n${cert}`)
  write(other!)
  assert.is((await failure(asked(settings))).code, 'credentials_refused')
  assert.is((await failure(asked(settings))).code, 'credentials_refused')
  write(own!)
  assert.is(await asked(settings), 200)
  rmSync(join(folder, 'app.pem'))
  const error = await failure(asked(settings))
  assert.is(error.code, 'certificate_invalid')
  assert.match(error.message, /app\.pem cannot be read \(ENOENT\)/)
})

given('what the file holds and its password are masked', async ({ asked, folder, mask }) => {
  const pfx = makePfx(own!, '3DES', 'open sesame')
  writeFileSync(join(folder, 'app.pfx'), pfx)
  await asked(inFile)
  assert.is(mask.mask(`${pfx.toString('base64')} open sesame`), '*** ***')
})

given('a person signs in to a registration that has a certificate', async ({ spec, ports, asked, clock }) => {
  const settings = { auth: 'authorization_code' }
  let address = ''
  await signIn(spec(settings), ports, {
    way: 'paste',
    signal: new AbortController().signal,
    show(invitation) {
      address = invitation.address
    },
    async readAnswer() {
      const answer = await fetch(address, { method: 'POST', body: new URLSearchParams({ decision: 'sign_in' }), redirect: 'manual' })
      return answer.headers.get('location') ?? ''
    },
  })
  clock.pass(3_600_000)
  assert.is(await asked(settings), 200)
})

given(
  'a certificate that is not registered is refused, and the right one is tried afterwards',
  async ({ asked }) => {
    const error = await failure(asked({ client_certificate: `${other!.cert}\n${other!.private}` }))
    assert.is(error.code, 'credentials_refused')
    assert.match(error.message, /AADSTS700027/)
    assert.is(await asked(), 200)
  },
  ['entra'],
)

for (const [kind, algorithm, name, digest] of [
  ['entra', 'PS256', 'x5t#S256', 'sha256'],
  ['adfs', 'RS256', 'x5t', 'sha1'],
] as const)
  test(`${kind}: the assertion is signed with ${algorithm}, names the certificate by ${name} and is for the token endpoint`, async () => {
    const endpoint = 'https://login.example/token'
    const oauth = { authority: kind, clientId: 'app', grant: 'client_credentials', resource: 'https://crm.example' } as const
    const settings = { ...oauth, clientCertificate: { text: pem } }
    const authenticate = await clientAuthentication(settings, authorities[kind], endpoint, { http: openHttp(), clock: manualClock() })
    const body = new URLSearchParams()
    await authenticate({ issuer: 'https://login.example' }, { client_id: 'app' }, body, new Headers())
    const jwt = body.get('client_assertion') ?? ''
    const { payload } = await jwtVerify(jwt, new X509Certificate(own!.cert).publicKey, {
      audience: endpoint,
      issuer: 'app',
      subject: 'app',
    })
    const { alg, typ, ...header } = decodeProtectedHeader(jwt)
    assert.equal([alg, typ], [algorithm, 'JWT'])
    assert.equal(header, { [name]: createHash(digest).update(new X509Certificate(own!.cert).raw).digest('base64url') })
    assert.is(payload.exp! - payload.nbf!, 600)
  })

const { privateKey: elliptic } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const unusable: [name: string, pem: string, words: RegExp][] = [
  ['no certificate', own!.private, /the certificate cannot be read/],
  ['no key', own!.cert, /the private key cannot be read/],
  ['broken', own!.cert.replace(/[A-Z]{3}/g, '###'), /the certificate cannot be read/],
  ['the key of another', `${own!.cert}\n${other!.private}`, /does not belong/],
  ['no RSA', `${own!.cert}\n${elliptic.export({ format: 'pem', type: 'pkcs8' })}`, /type ec/],
  ['a path', 'D:\\certificates\\app.pfx', /the PFX cannot be read .* `client_certificate_file`/],
]

for (const [name, text, words] of unusable)
  given(
    `what cannot be used says why: ${name}`,
    async ({ asked, sandbox }) => {
      const error = await failure(asked({ client_certificate: text }))
      assert.is(error.code, 'certificate_invalid')
      assert.match(error.message, words)
      assert.not.match(error.message, /[A-Za-z0-9+/]{40}/)
      const { token } = (await (await fetch(`${sandbox.url}/sandbox/requests`)).json()) as { token: Record<string, number> }
      assert.equal(token, {})
    },
    ['entra'],
  )

test.run()
