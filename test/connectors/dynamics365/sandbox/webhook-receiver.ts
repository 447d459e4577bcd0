import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { endDeliveries } from '../../../../connectors/dynamics365/sandbox/webhooks/dispatch.ts'
import type { Body, DataPlane } from './data-plane.ts'

export interface Received {
  url: string
  headers: Record<string, string | string[] | undefined>
  text: string
  body: Body
}

export interface Receiver {
  received: Received[]
  /** Status of the next answers; then 200. */
  answers: (number | Promise<number>)[]
  url: string
  /** Registers a webhook and a step that calls it, by default of updated vessels. @returns the id of the step */
  register(step: Record<string, unknown>, endpoint?: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

/** A server that keeps what webhooks of this organization bring. */
export async function receiver(plane: DataPlane): Promise<Receiver> {
  const received: Received[] = []
  const answers: Receiver['answers'] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    received.push({ url: request.url!, headers: request.headers, text, body: JSON.parse(text) })
    response.writeHead((await answers.shift()) ?? 200, { Location: '/elsewhere' })
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`
  return {
    received,
    answers,
    url,
    register: (step, endpoint) => register(plane, step, { url, ...endpoint }),
    async close() {
      await endDeliveries(plane.organization)
      server.close()
      server.closeAllConnections()
    },
  }
}

async function register(
  plane: DataPlane,
  { message = 'Update', table = 'hrb_vessel', ...step }: Record<string, unknown>,
  endpoint: Record<string, unknown>,
): Promise<string> {
  const find = async (set: string, filter: string) => (await plane.get(`${set}?$filter=${encodeURIComponent(filter)}`)).body.value[0]
  const id = await plane.create('serviceendpoints', {
    name: 'hook',
    contract: 8,
    authtype: 4,
    authvalue: 's3cr3t',
    connectionmode: 1,
    userclaim: 1,
    path: '/',
    solutionnamespace: 'harbor',
    ...endpoint,
  })
  const { sdkmessageid } = await find('sdkmessages', `name eq '${message}'`)
  // Messages about pairs have no table.
  const filter = await find('sdkmessagefilters', `sdkmessageid/name eq '${message}' and primaryobjecttypecode eq '${table}'`)
  return plane.create('sdkmessageprocessingsteps', {
    name: 'vessel-hook',
    'sdkmessageid@odata.bind': `/sdkmessages(${sdkmessageid})`,
    ...(filter && { 'sdkmessagefilterid@odata.bind': `/sdkmessagefilters(${filter.sdkmessagefilterid})` }),
    'eventhandler_serviceendpoint@odata.bind': `/serviceendpoints(${id})`,
    ...step,
  })
}
