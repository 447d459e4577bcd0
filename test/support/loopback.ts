import { networkInterfaces } from 'node:os'

/** Of this machine: not every one knows IPv6. */
export const loopbackAddresses = ['127.0.0.1', '::1'].filter((address) =>
  Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address)),
)
