import { ConnectorError } from '../../../runner/connector/index.ts'
import type { Ambush } from './control/ambush.ts'
import { addAdfsRedirect, addCertificate, addFederatedCredential, failTokenEndpoint, OrderError } from './control/orders.ts'
import type { Faults } from './faults/faults.ts'
import type { Directory } from './identity/directory.ts'
import type { Organization } from './organization/open.ts'
import { type PrivilegeRule, setPrivileges } from './privileges/rules.ts'

type Order = Record<string, unknown>

/** What the control interface can be told later, told at the start; each item is what is posted there. */
export interface FirstOrders {
  /** What users may not do; by default everyone may do everything. */
  privileges?: readonly PrivilegeRule[]
  /** Faults, as `POST /sandbox/faults` takes them. */
  faults?: readonly Order[]
  /** What happens when a request comes, as `POST /sandbox/before-next` takes it. */
  beforeNext?: readonly Order[]
  /** Calls of the token endpoint that fail, as `POST /sandbox/token-endpoint/fail` takes them. */
  tokenFailures?: readonly Order[]
  /** Certificates in PEM that the app may sign assertions with. */
  certificates?: readonly string[]
  /** Issuers whose tokens stand in for the app's secret, as `POST /sandbox/federated-credentials` takes them. */
  federatedCredentials?: readonly Order[]
  /** Redirects that AD FS takes beside its own. */
  adfsRedirects?: readonly string[]
}

interface State {
  organization: Organization
  directory: Directory
  faults: Faults
  ambush: Ambush
}

const carryOut: { [Name in keyof FirstOrders]-?: (state: State, order: NonNullable<FirstOrders[Name]>[number]) => unknown } = {
  privileges: ({ organization }, rule) => setPrivileges(organization, [rule]),
  faults: ({ faults }, order) => faults.add(order),
  beforeNext: ({ ambush }, order) => ambush.lay(order),
  tokenFailures: ({ directory }, order) => failTokenEndpoint(directory, order),
  certificates: ({ directory }, pem) => addCertificate(directory, { pem }),
  federatedCredentials: ({ directory }, order) => addFederatedCredential(directory, order),
  adfsRedirects: ({ directory }, uri) => addAdfsRedirect(directory, { redirect_uri: uri }),
}

export const firstOrderNames = Object.keys(carryOut) as (keyof FirstOrders)[]

/**
 * @param place of an item, for messages
 * @throws ConnectorError `sandbox_option_invalid` for an order that cannot be carried out
 */
export function giveFirstOrders(state: State, given: FirstOrders, place: (name: string, index: number) => string): void {
  for (const name of firstOrderNames)
    for (const [index, order] of (given[name] ?? []).entries())
      try {
        carryOut[name](state, order as never)
      } catch (error) {
        if (!(error instanceof RangeError || error instanceof OrderError)) throw error
        throw new ConnectorError('rejected', 'sandbox_option_invalid', `${place(name, index)}: ${error.message}`, { cause: error })
      }
}
