import { badNode } from './error.ts'
import type { Element } from './xml.ts'

/** What each element may carry; those that have no effect here are listed as well, since tools write them. */
const elements: Record<string, { attributes: readonly string[]; children: readonly string[] }> = {
  fetch: {
    attributes: [
      ...['top', 'count', 'page', 'paging-cookie', 'returntotalrecordcount', 'distinct', 'aggregate', 'aggregatelimit', 'useraworderby'],
      ...['no-lock', 'latematerialize', 'options', 'datasource', 'mapping', 'version', 'output-format', 'savedqueryid', 'utc-offset'],
    ],
    children: ['entity', 'order'],
  },
  entity: { attributes: ['name'], children: ['attribute', 'all-attributes', 'order', 'filter', 'link-entity'] },
  'link-entity': {
    attributes: ['name', 'from', 'to', 'alias', 'link-type', 'intersect', 'visible', 'enableprefiltering', 'prefilterparametername'],
    children: ['attribute', 'all-attributes', 'order', 'filter', 'link-entity'],
  },
  attribute: {
    attributes: ['name', 'alias', 'aggregate', 'groupby', 'dategrouping', 'usertimezone', 'distinct', 'rowaggregate', 'build', 'addedby'],
    children: [],
  },
  'all-attributes': { attributes: [], children: [] },
  order: { attributes: ['attribute', 'alias', 'descending', 'entityname'], children: [] },
  filter: {
    attributes: ['type', 'hint', 'isquickfindfields', 'overridequickfindrecordlimitenabled', 'overridequickfindrecordlimitdisabled'],
    children: ['condition', 'filter', 'link-entity'],
  },
  condition: {
    attributes: [
      'attribute',
      'column',
      'operator',
      'value',
      'valueof',
      'entityname',
      'uiname',
      'uitype',
      'uihidden',
      'aggregate',
      'alias',
      'rowaggregate',
    ],
    children: ['value'],
  },
  value: { attributes: ['uiname', 'uitype'], children: [] },
}

/** @throws WebApiError 0x8004111c for an element or attribute that FetchXML does not have there */
export function checkElement(element: Element): void {
  const shape = Object.hasOwn(elements, element.name) ? elements[element.name] : undefined
  if (!shape) throw badNode(`'${element.name.slice(0, 100)}' is not an element of FetchXML.`)
  for (const name of element.attributes.keys())
    if (!shape.attributes.includes(name)) throw badNode(`The element '${element.name}' has no attribute '${name.slice(0, 100)}'.`)
  for (const child of element.children) {
    if (!shape.children.includes(child.name)) throw badNode(`'${child.name.slice(0, 100)}' is not allowed in '${element.name}'.`)
    checkElement(child)
  }
}

export function childrenOf(element: Element, name: string): Element[] {
  return element.children.filter((child) => child.name === name)
}

/** @throws WebApiError 0x8004111c when it is missing or empty */
export function required(element: Element, name: string): string {
  const value = element.attributes.get(name)
  if (!value) throw badNode(`The element '${element.name}' needs the attribute '${name}'.`)
  return value
}

/** `true` and `1`, `false` and `0`. @throws WebApiError 0x8004111c */
export function flag(element: Element, name: string): boolean {
  const value = element.attributes.get(name)?.toLowerCase() ?? 'false'
  if (!['true', '1', 'false', '0'].includes(value)) throw badNode(`The attribute '${name}' of '${element.name}' must be true or false.`)
  return value === 'true' || value === '1'
}

/** @throws WebApiError 0x8004111c for anything but a whole number between these, both included */
export function wholeNumber(element: Element, name: string, least: number, most: number): number | undefined {
  const text = element.attributes.get(name)
  if (text === undefined) return undefined
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(number >= least && number <= most))
    throw badNode(`The attribute '${name}' of '${element.name}' must be a whole number from ${least} to ${most}.`)
  return number
}

/** Aliases become keys of the answer and elements of the paging cookie. @throws WebApiError 0x8004111c */
export function aliasOf(element: Element): string | undefined {
  const alias = element.attributes.get('alias')
  if (alias !== undefined && !/^[A-Za-z_]\w{0,99}$/.test(alias))
    throw badNode(`The alias '${alias.slice(0, 100)}' must be made of letters, digits and underscores.`)
  return alias
}
