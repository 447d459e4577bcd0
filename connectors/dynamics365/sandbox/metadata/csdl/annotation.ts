import type { Label } from '../../organization/seed.ts'
import { userLanguage } from '../label.ts'
import { element } from './xml.ts'

/** What the server computes. */
export function computed(): string {
  return element('Annotation', { Term: 'Org.OData.Core.V1.Computed', Bool: true })
}

export function permission(name: 'Read' | 'Write'): string {
  const member = element('EnumMember', {}, [`Org.OData.Core.V1.PermissionType/${name}`])
  return element('Annotation', { Term: 'Org.OData.Core.V1.Permissions' }, [member])
}

/** Nothing where there is no text in the language of the users. */
export function description(text: Label | undefined): string[] {
  const spoken = typeof text === 'string' ? text : text?.[userLanguage]
  return spoken === undefined ? [] : [element('Annotation', { Term: 'Org.OData.Core.V1.Description', String: spoken })]
}

export function changeTracking(supported: boolean): string {
  const value = element('PropertyValue', { Property: 'Supported', Bool: supported })
  return element('Annotation', { Term: 'Org.OData.Capabilities.V1.ChangeTracking' }, [element('Record', {}, [value])])
}

/** @param keys the properties of each key */
export function alternateKeys(keys: readonly (readonly string[])[]): string[] {
  if (keys.length === 0) return []
  const reference = (name: string) =>
    element('Record', { Type: 'OData.Community.Keys.V1.PropertyRef' }, [
      element('PropertyValue', { Property: 'Alias', String: name }),
      element('PropertyValue', { Property: 'Name', PropertyPath: name }),
    ])
  const records = keys.map((properties) =>
    element('Record', { Type: 'OData.Community.Keys.V1.AlternateKey' }, [
      element('PropertyValue', { Property: 'Key' }, [element('Collection', {}, properties.map(reference))]),
    ]),
  )
  return [element('Annotation', { Term: 'OData.Community.Keys.V1.AlternateKeys' }, [element('Collection', {}, records)])]
}
