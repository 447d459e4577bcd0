/** What a server needs for https, and what its clients need to trust it. All in PEM. */
export interface Certificates {
  key: string
  cert: string
  /** Certificate of the authority that signed `cert`; its key is forgotten at once. */
  ca: string
}

/** A new authority, and a certificate of it for the names `localhost` and `127.0.0.1`. */
export async function createCertificates(): Promise<Certificates> {
  // Loaded late: few sandboxes serve https.
  const { generate } = await import('selfsigned')
  const common = { keyType: 'ec', algorithm: 'sha256' } as const
  const authority = await generate([{ name: 'commonName', value: 'Sandbox authority' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key: server.private, cert: server.cert, ca: authority.cert }
}
