export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** An element as text; attributes that are undefined are left out. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('')
  return children.length === 0 ? `<${name}${list}/>` : `<${name}${list}>${children.join('')}</${name}>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;' }

/** Without what XML cannot hold: control characters, halves of characters, and two that are none. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"\n\t]/g, (character) => entities[character]!).replaceAll(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '')
}
