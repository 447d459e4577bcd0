import type { SeedPart } from '../../organization/seed.ts'
import { fromCsdl } from './from-csdl.ts'
import { fromDefinitions } from './from-definitions.ts'

export interface Loaded {
  part: SeedPart
  /** What was left out, in sentences. */
  notes: string[]
}

/**
 * Tables of an organization, from its `$metadata` or from the answer to `EntityDefinitions?$expand=Attributes,Keys,…`, for
 * `openOrganization({ parts })`: tables that exist are extended, others are added.
 * @param name of the file, for messages
 * @throws Error when the text is neither
 */
export function readMetadata(text: string, name: string): SeedPart {
  const content = text.replace(/^\uFEFF/, '').trimStart()
  const { part, notes } = content.startsWith('<') ? csdl(content, name) : definitions(content, name)
  if ((part.tableParts ?? []).length === 0) throw new Error(`${name} tells of no tables.`)
  checkNames(part, name)
  return { ...part, notes: notes.map((note) => `${name}: ${note}`) }
}

function csdl(text: string, name: string): Loaded {
  if (!/<(?:\w+:)?Edmx\b/.test(text.slice(0, 2000))) throw new Error(`${name} is XML, but not a CSDL document as \`$metadata\` gives it.`)
  try {
    return fromCsdl(text)
  } catch (cause) {
    throw new Error(`${name} is not well-formed XML: ${(cause as Error).message}`, { cause })
  }
}

function definitions(text: string, name: string): Loaded {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${name} is neither XML nor JSON. Save $metadata, or EntityDefinitions with $expand=Attributes.`, { cause })
  }
  const { value, EntityDefinitions } = (body ?? {}) as { value?: unknown; EntityDefinitions?: unknown }
  const list = [body, value, EntityDefinitions].find(Array.isArray) ?? [body]
  const usable = list.every((one) => typeof one === 'object' && one !== null && 'LogicalName' in one && Array.isArray(one.Attributes))
  if (!usable) throw new Error(`${name} holds no table definitions with Attributes. Save EntityDefinitions with $expand=Attributes.`)
  try {
    return fromDefinitions(list)
  } catch (cause) {
    throw new Error(`${name} holds a definition that is not as EntityDefinitions answers it: ${(cause as Error).message}`, { cause })
  }
}

/** Statements in SQL are made of them. */
function checkNames({ tableParts = [], manyToMany = [] }: SeedPart, name: string): void {
  const names: unknown[] = [
    ...tableParts.flatMap(({ logicalName, primaryId, primaryName, columns, keys = [], lookups = [] }) => [
      ...[logicalName, primaryId ?? 'id', primaryName ?? 'name', ...columns.map((column) => column.name)],
      ...[...keys.flatMap((key) => key.columns), ...lookups.flatMap(({ column, target }) => [column, target])],
    ]),
    ...manyToMany.flatMap(({ intersect, primaryId, sides }) => [
      ...[intersect, primaryId ?? 'id', ...sides.flatMap(({ table, column }) => [table, column])],
    ]),
  ]
  const wrong = names.filter((one) => typeof one !== 'string' || !/^\w+$/.test(one))
  if (wrong.length > 0)
    throw new Error(`${name} names a table or column '${wrong[0]}', which is not made of letters, digits and underscores.`)
}
