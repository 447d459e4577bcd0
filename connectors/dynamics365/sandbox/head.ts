/** The answer to HEAD: the headers of that to GET, the length of its body among them, and no body. A stream has no length. */
export async function answerHead(request: Request, answer: (request: Request) => Response | Promise<Response>): Promise<Response> {
  const { status, headers, body } = await answer(new Request(request.url, { headers: request.headers }))
  const found = new Headers(headers)
  if (found.get('content-type')?.startsWith('text/event-stream')) await body?.cancel()
  else if (body) found.set('content-length', String((await new Response(body).arrayBuffer()).byteLength))
  return new Response(null, { status, headers: found })
}
