import { WebApiError } from '../error.ts'
import type { Values } from './body.ts'
import type { Stored } from './database.ts'
import type { Organization } from './open.ts'
import type { Current } from './rules.ts'
import type { Table } from './schema.ts'

/** Where in an operation a step is called. */
export const stages = { preValidation: 10, preOperation: 20, postOperation: 40 }
/** The third type is both. */
export const imageTypes = { before: 0, after: 1 }
const asynchronous = 1

/**
 * What cannot be registered (facts sheet "`serviceendpoints`"): an asynchronous step before an operation, and an image of what there is not.
 * @throws WebApiError 0x80044184, 0x80040203
 */
export function checkSteps(organization: Organization, { logicalName }: Table, values: Values, current: Current): void {
  const read = (...names: string[]) => {
    const known = current(names)
    return names.map((name) => (values.has(name) ? values.get(name)! : known[name]))
  }
  if (logicalName === 'sdkmessageprocessingstep') checkStage(read('mode', 'stage'))
  if (logicalName === 'sdkmessageprocessingstepimage') checkImage(organization, read('imagetype', 'sdkmessageprocessingstepid'))
}

function checkStage([mode = asynchronous, stage = stages.postOperation]: (Stored | undefined)[]): void {
  if (mode === asynchronous && stage !== stages.postOperation)
    throw new WebApiError(400, '0x80044184', 'Invalid plug-in registration stage. An asynchronous step is called after the operation.')
}

function checkImage({ database }: Organization, [type, step = null]: (Stored | undefined)[]): void {
  const sql = `select m.name as message, s.stage from sdkmessageprocessingstep s join sdkmessage m on m.sdkmessageid = s.sdkmessageid
    where s.sdkmessageprocessingstepid = ?`
  const found = database.get(sql, step)
  if (!found) return
  const { message, stage } = found
  const before = message === 'Update' || message === 'Delete'
  const after = (message === 'Update' || message === 'Create') && stage === stages.postOperation
  if ((type !== imageTypes.after && !before) || (type !== imageTypes.before && !after))
    throw new WebApiError(400, '0x80040203', `A step of the message ${message} at the stage ${stage} has no image of the type ${type}.`)
}
