import type { RunningSandbox } from '../../runner/connector/index.ts'

/** A connection block for the sandbox as an on-premises organization, whose AD FS it is as well. */
export function adfsSettings({ url }: RunningSandbox): Record<string, unknown> {
  return {
    account_type: 'on_premise',
    url,
    api_version: '9.2',
    ad_domain: 'adfs.example',
    authority: `${url}/adfs`,
    resource: `${url}/`,
    redirect_uri: 'http://localhost:54321/',
  }
}
