import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openStore } from '../../runner/store/index.ts'
import { tempFolder } from '../support/temp.ts'
import { storeContract } from './contract.ts'

const folder = tempFolder()
const key = randomBytes(32)
let count = 0

storeContract('sqlite', () => openStore({ file: join(folder, `store-${count++}`, 'store.db'), key }))
