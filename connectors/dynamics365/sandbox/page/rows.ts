import type { Organization } from '../organization/open.ts'
import { handleWebApi } from '../webapi/handle.ts'

const most = 50

/** The latest rows of a table as the Web API gives them, and those of its columns that hold anything; undefined for a set that there is not. */
export async function firstRows(
  organization: Organization,
  set: string,
): Promise<{ columns: string[]; rows: Record<string, unknown>[] } | undefined> {
  const table = organization.schema.entitySets.get(set)
  if (!table) return undefined
  const order = table.columns.has('modifiedon') ? '&$orderby=modifiedon desc' : ''
  const { status, body } = await handleWebApi(organization, {
    method: 'GET',
    rawUrl: `/api/data/v9.2/${set}?$top=${most}${order.replace(' ', '%20')}`,
    headers: {},
    body: Buffer.alloc(0),
    origin: 'http://localhost',
    userId: organization.schema.ids.userId,
  })
  if (status !== 200) return { columns: [], rows: [] }
  const rows = (JSON.parse(String(body)) as { value: Record<string, unknown>[] }).value
  const filled = [...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => row[name] !== null && !name.includes('@'))))]
  const first = [table.primaryName, table.primaryId].filter((name) => filled.includes(name))
  return { columns: [...first, ...filled.filter((name) => !first.includes(name))], rows }
}
