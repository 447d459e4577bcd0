import { realpathSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Finding } from '../../connector/index.ts'
import type { Workspace } from '../workspace.ts'
import type { Check } from './check.ts'

/** `f_type` of Linux's statfs; `include/uapi/linux/magic.h` and the file systems' own headers. */
const network = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x5346414f, 'AFS'],
  [0x0bd00bd0, 'Lustre'],
])
const fuse = 0x65735546

/** The store opened, and lies where locks can be relied on. */
export const store: Check<Workspace> = {
  title: 'store',
  async run({ storeFile }) {
    const place = placeOf(process.platform === 'linux' ? statfsSync(dirname(realpathSync(storeFile))).type : undefined)
    return place ?? { result: 'ok', says: `${storeFile} opens with the key that is there.` }
  },
}

/** What is wrong with a place; undefined where nothing is known against it. @param type `f_type` of statfs */
export function placeOf(type: number | undefined): Finding | undefined {
  const todo = 'Set RUNNER_STORE to a file on a disk of this machine.'
  // statfs gives a signed number on some machines.
  const name = type === undefined ? undefined : network.get(type >>> 0)
  if (name !== undefined)
    return { result: 'failed', says: `The store lies on a network file system (${name}), whose locks do not keep SQLite whole.`, todo }
  if (type === fuse)
    return {
      result: 'warning',
      says: 'The store lies on a file system of FUSE. Where that is one over the network, locks do not keep SQLite whole.',
      todo,
    }
  return undefined
}
