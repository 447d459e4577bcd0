import { badQuery } from '../error.ts'
import { splitOutside } from '../odata/expand.ts'
import { matching } from './filter.ts'
import type { Definition, Resource } from './resource.ts'

/** What a request or an `$expand` within it asks of resources. */
export interface Shape {
  select?: readonly string[]
  filter?: string
  expand: readonly { name: string; shape: Shape }[]
}

const optionNames = new Set(['$select', '$filter', '$expand'])

/** @throws WebApiError 400 for an option that definitions do not have */
export function parseShape(options: ReadonlyMap<string, string>): Shape {
  const unknown = [...options.keys()].find((name) => !optionNames.has(name))
  if (unknown !== undefined) throw badQuery(`The query parameter ${unknown} is not supported`)
  const [select, filter] = [options.get('$select'), options.get('$filter')]
  return {
    ...(select !== undefined && select.trim() !== '*' && { select: select.split(',').map((name) => name.trim()) }),
    ...(filter !== undefined && { filter }),
    expand: splitOutside(options.get('$expand') ?? '', ',')
      .filter((one) => one.trim() !== '')
      .map(parseExpand),
  }
}

function parseExpand(text: string): { name: string; shape: Shape } {
  const [, name, options = ''] = /^\s*(\w+)\s*(?:\((.*)\))?\s*$/s.exec(text) ?? []
  if (name === undefined) throw badQuery(`Syntax error in $expand at '${text.trim()}'.`)
  const pairs = splitOutside(options, ';').filter((one) => one.trim() !== '')
  return {
    name,
    shape: parseShape(
      new Map(
        pairs.map((pair) => {
          const equals = pair.indexOf('=')
          return [pair.slice(0, equals).trim(), pair.slice(equals + 1)]
        }),
      ),
    ),
  }
}

/** The part of `@odata.context` that tells what was asked for: `(LogicalName,OptionSet(Options))`. */
export function contextList({ select = [], expand }: Shape): string {
  const names = [...select, ...expand.map(({ name, shape }) => `${name}${contextList(shape) || '()'}`)]
  return names.length > 0 ? `(${names.join(',')})` : ''
}

/**
 * Resources as they are answered.
 * @param declared the type that the address or property declares; others carry `@odata.type`
 * @throws WebApiError 400 for what the type does not have
 */
export function shaped(resources: readonly Resource[], shape: Shape, declared?: string): Definition[] {
  return matching(resources, shape.filter, (resource) => shownOf(resource, declared)).map((one) => shapedOne(one, shape, declared))
}

export function shapedOne(resource: Resource, { select, expand }: Shape, declared?: string): Definition {
  const { type, properties } = resource
  const shown = shownOf(resource, declared)
  const missing = select?.find((name) => !shown.has(name))
  if (missing !== undefined) throw noSuchProperty(missing, resource, declared)
  const wanted = select && new Set(select)
  const answer: Definition = type === (declared ?? type) ? {} : { '@odata.type': `#Microsoft.Dynamics.CRM.${type}` }
  for (const [name, value] of Object.entries(properties)) if (!wanted || wanted.has(name) || name === 'MetadataId') answer[name] = value
  for (const one of expand) answer[one.name] = expanded(resource, one, declared)
  return answer
}

function expanded(resource: Resource, { name, shape }: Shape['expand'][number], declared: string | undefined): unknown {
  const related = isCast(resource, declared) ? resource.related?.[name]?.() : undefined
  if (related === undefined) throw noSuchProperty(name, resource, declared)
  if (related === null) return null
  return Array.isArray(related) ? shaped(related, shape, listType(name)) : shapedOne(related as Resource, shape)
}

/** What a list of this name declares. */
export function listType(name: string): string | undefined {
  return name === 'Attributes' ? 'AttributeMetadata' : undefined
}

function isCast({ type, base }: Resource, declared: string | undefined): boolean {
  return base === undefined || declared === undefined || declared === type
}

function shownOf(resource: Resource, declared: string | undefined): ReadonlySet<string> {
  return isCast(resource, declared) ? new Set(Object.keys(resource.properties)) : resource.base!.properties
}

function noSuchProperty(name: string, { type, base }: Resource, declared: string | undefined): Error {
  const shownType = declared !== undefined && base ? declared : type
  return badQuery(`Could not find a property named '${name}' on type 'Microsoft.Dynamics.CRM.${shownType}'.`)
}
