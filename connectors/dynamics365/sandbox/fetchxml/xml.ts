import { SaxesParser } from 'saxes'
import { badNode } from './error.ts'

export interface Element {
  name: string
  attributes: ReadonlyMap<string, string>
  children: Element[]
  text: string
}

/** Deeper than any query nests; keeps what walks the tree from running out of stack. */
const deepest = 100

/**
 * Reads XML into a tree. Document types are refused, so there are no entities but the five of XML itself.
 * @throws WebApiError 0x8004111c
 */
export function parseXml(text: string): Element {
  const document: Element = { name: '', attributes: new Map(), children: [], text: '' }
  const open = [document]
  const parser = new SaxesParser()
  parser.on('error', ({ message }) => {
    throw badNode(message)
  })
  parser.on('doctype', () => {
    throw badNode('A document type is not allowed.')
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length > deepest) throw badNode(`Elements are nested deeper than ${deepest}.`)
    const element: Element = { name, attributes: new Map(Object.entries(attributes)), children: [], text: '' }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  parser.on('text', (part) => {
    open.at(-1)!.text += part
  })
  parser.on('cdata', (part) => {
    open.at(-1)!.text += part
  })
  parser.on('closetag', () => {
    open.pop()
  })
  parser.write(text).close()
  const [root] = document.children
  if (!root) throw badNode('Root element is missing.')
  return root
}

/** Text as the value of an attribute in double quotes; white space stays what it is. */
export function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"\t\n\r]/g, (found) => `&#${found.charCodeAt(0)};`)
}
