import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { Finding } from '../../connector/index.ts'
import type { Check } from './check.ts'
import type { Link } from './link.ts'

const patienceMs = 10_000

/** Of the verification of a chain whose end this machine does not know. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const unknownIssuer = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** The way to a server: its name, and a connection to it. @param addressOf undefined: there is nothing to look at */
export function reach(who: string, addressOf: (link: Link) => Promise<string | undefined>): Check<Link>[] {
  const look = (title: string, at: (url: URL) => Promise<Finding>): Check<Link> => ({
    title: `${title} of ${who}`,
    async run(link) {
      const address = await addressOf(link)
      return address === undefined ? [] : at(new URL(address))
    },
  })
  return [look('name', resolves), look('server', answers)]
}

async function resolves({ hostname }: URL): Promise<Finding> {
  try {
    const { address } = await lookup(bare(hostname))
    return { result: 'ok', says: hostname === address ? address : `${hostname} is ${address}` }
  } catch (thrown) {
    const todo = 'Correct the address in the connection block, or the name servers of this machine.'
    return { result: 'failed', says: `The name ${hostname} does not resolve (${codeOf(thrown)}).`, todo }
  }
}

async function answers(url: URL): Promise<Finding> {
  const secure = url.protocol === 'https:'
  const host = bare(url.hostname)
  const port = Number(url.port || (secure ? 443 : 80))
  const socket = secure ? connectTls({ host, port, ...(/^[\d.:]+$/.test(host) ? {} : { servername: host }) }) : connectTcp({ host, port })
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(patienceMs) })
    return { result: 'ok', says: `${url.host} answers${secure ? ` over TLS; ${certificateOf(socket as TLSSocket)}` : ''}` }
  } catch (thrown) {
    return unreachable(url.host, codeOf(thrown))
  } finally {
    socket.destroy()
  }
}

function certificateOf(socket: TLSSocket): string {
  const { issuer, valid_to } = socket.getPeerCertificate()
  const name = [issuer?.O ?? issuer?.CN].flat()[0] ?? 'somebody unnamed'
  return `its certificate is of ${name} and holds until ${new Date(valid_to).toISOString().slice(0, 10)}`
}

function unreachable(host: string, code: string): Finding {
  if (unknownIssuer.has(code))
    return {
      result: 'failed',
      says: `This machine does not trust whoever issued the certificate of ${host} (${code}).`,
      todo: 'Where it is an authority of your own, or of a proxy, save its certificate as PEM and start the runner with NODE_EXTRA_CA_CERTS=/path/to/it.pem.',
    }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return {
      result: 'failed',
      says: `The certificate of ${host} does not hold today (${code}).`,
      todo: 'Tell whoever runs the server, and look at the clock of this machine.',
    }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      result: 'failed',
      says: `The certificate of ${host} is for another name (${code}).`,
      todo: 'Write the host in the connection block as the certificate names it.',
    }
  return {
    result: 'failed',
    says: `${host} cannot be connected to (${code}).`,
    todo: 'Check address and port, firewalls between here and there, and whether the server runs.',
  }
}

/** Brackets of IPv6 belong to URLs only. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function codeOf(thrown: unknown): string {
  const { name, code } = thrown as NodeJS.ErrnoException
  return name === 'AbortError' ? 'no answer in 10 s' : (code ?? name)
}
