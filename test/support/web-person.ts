import { CookieJar } from 'tough-cookie'

const mostPages = 20

/**
 * Goes through web pages as a person with a browser would: follows redirects, keeps cookies, and sends off every form that comes, with what is known for
 * its empty fields. Ends with the first page that has no form.
 * @throws Error at an error page of the site where it began
 * @param leave a link with such an address is followed rather than a form
 */
export async function goThrough(address: string, known: Record<string, string>, leave?: RegExp): Promise<{ url: string; text: string }> {
  const cookies = new CookieJar()
  let [url, form]: [string, URLSearchParams | undefined] = [address, undefined]
  for (let pages = 0; pages < mostPages; pages++) {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: await cookies.getCookieString(url) },
      ...(form && { method: 'POST', body: form }),
    })
    for (const cookie of answer.headers.getSetCookie()) await cookies.setCookie(cookie, url)
    const text = await answer.text()
    const location = answer.headers.get('location')
    const link = leave && [...text.matchAll(/<a[^>]*>/g)].map(([tag]) => attribute(tag, 'href')).find((href) => href && leave.test(href))
    const followed = location ?? link
    const next = followed === undefined ? filledIn(text, known) : { action: followed, fields: undefined }
    if (!next) {
      if (!answer.ok && new URL(url).origin === new URL(address).origin) throw new Error(`${url} answers ${answer.status}: ${text}`)
      return { url, text }
    }
    ;[url, form] = [new URL(next.action, url).href, next.fields]
  }
  throw new Error(`no end after ${mostPages} pages: ${url}`)
}

/** The first form of a page. */
function filledIn(page: string, known: Record<string, string>): { action: string; fields: URLSearchParams } | undefined {
  const [, head, body] = page.match(/<form([^>]*)>([\s\S]*?)<\/form>/) ?? []
  if (head === undefined || body === undefined) return undefined
  const fields = new URLSearchParams()
  for (const [input] of body.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, 'name')
    if (name !== undefined) fields.append(name, attribute(input, 'value') ?? known[name] ?? '')
  }
  return { action: attribute(head, 'action') ?? '', fields }
}

function attribute(tag: string, name: string): string | undefined {
  const value = tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1]
  return value?.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
