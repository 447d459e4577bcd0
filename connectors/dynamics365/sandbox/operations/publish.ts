import { requirePrivilege } from '../privileges/check.ts'
import type { Operation, OperationContext } from './operation.ts'

const action: Pick<Operation, 'kind' | 'sheet'> = { kind: 'action', sheet: '12.5' }

/** Definitions here are in force at once, so nothing remains to be done. */
export const publishXml: Operation = {
  ...action,
  name: 'PublishXml',
  about: 'publishes some changed definitions',
  parameters: [{ name: 'ParameterXml', type: 'Edm.String' }],
  run: publish,
}

export const publishAllXml: Operation = {
  ...action,
  name: 'PublishAllXml',
  about: 'publishes all changed definitions',
  parameters: [],
  run: publish,
}

function publish({ call, organization }: OperationContext): undefined {
  requirePrivilege(organization, call.caller, 'prvPublishCustomization')
  return undefined
}
