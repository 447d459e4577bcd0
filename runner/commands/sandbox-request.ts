import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'
import { json } from 'node:stream/consumers'
import type { RunningSandbox } from '../connector/index.ts'

/** JSON that a sandbox of this process answers. `fetch` cannot be told to trust a certificate. */
export function askSandbox({ url, ca }: RunningSandbox, path: string): Promise<unknown> {
  const get = ca === undefined ? getHttp : getHttps
  return new Promise((resolve, reject) => {
    get(new URL(path, url), { ca, agent: false }, (answer) => resolve(json(answer))).on('error', reject)
  })
}
