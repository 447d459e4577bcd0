import { Hono } from 'hono'
import { callerOf, type Gateway } from '../gateway.ts'
import { quoted } from '../organization/database.ts'
import { loadImage, type StoredFile } from '../organization/images.ts'
import type { Organization } from '../organization/open.ts'
import { requireRight } from '../privileges/check.ts'
import { failed } from '../webapi/response.ts'

/** The address in `<column>_url` of a picture (facts sheet "Image columns"), which stands beside the Web API and takes the same tokens. */
export function pictureRoutes(gateway: Gateway): Hono {
  const app = new Hono()
  app.get('/Image/download.aspx', (c) => {
    const caller = callerOf(gateway, c.req.header('authorization'), new URL(c.req.url).origin)
    if ('status' in caller) return answer(caller)
    try {
      const picture = pictureAt(gateway.organization, caller.userId, c.req.query())
      if (!picture) return c.text('There is no such picture.', 404)
      return c.body(new Uint8Array(picture.content), 200, { 'Content-Type': picture.mimeType })
    } catch (error) {
      const { status, headers, body } = failed(error)
      return answer({ status, headers, body: String(body) })
    }
  })
  return app
}

function answer({ status, headers, body }: { status: number; headers: Record<string, string | string[]>; body: string }): Response {
  const list = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one]))
  return new Response(body, { status, headers: list })
}

/** @throws WebApiError 403 where the caller may not read the row */
function pictureAt(
  organization: Organization,
  userId: string,
  { Entity = '', Attribute = '', Id = '', Full }: Record<string, string>,
): StoredFile | undefined {
  const table = organization.schema.tables.get(Entity)
  const column = table?.columns.get(Attribute)
  if (column?.type !== 'Image' || !table) return undefined
  const sql = `select ${quoted(table.identity)} as row, ${quoted(column.name)} as image from ${quoted(table.logicalName)} where ${quoted(`${column.name}id`)} = ?`
  const found = organization.database.get(sql, Id.toLowerCase())
  if (!found) return undefined
  requireRight(organization, { userId }, table, 'Read', String(found.row))
  return loadImage(organization, { image: found.image, id: Id.toLowerCase() }, { full: Full?.toLowerCase() === 'true', column })
}
