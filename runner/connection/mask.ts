/** Shorter values would blank out half of a log. */
const shortest = 8
const blank = '***'
/** Whatever a signed token is for: assertions and tokens of other issuers are made for one request, and none of them is registered. */
const signedToken = /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g

/** Every secret that was read or obtained, so that no exit of the program prints one. */
export class MaskRegistry {
  /** Every form of every value, the longest first, so that none is cut by a shorter one inside it. */
  #forms: string[] = []
  readonly #values = new Set<string>()

  /** Values of fewer than 8 characters are not masked. Of one with several lines, such as a private key, each line counts by itself as well. */
  add(value: string): void {
    if (value.length < shortest || this.#values.has(value)) return
    this.#values.add(value)
    const forms = [value, ...linesOf(value)].flatMap(formsOf)
    this.#forms = [...new Set([...this.#forms, ...forms])].sort((a, b) => b.length - a.length)
  }

  /** The text with every secret replaced, also where it is URL-, base64- or JSON-encoded, and every signed token (JWT). */
  mask(text: string): string {
    for (const form of this.#forms) if (text.includes(form)) text = text.replaceAll(form, blank)
    return text.replace(signedToken, blank)
  }
}

/** `-----BEGIN …-----` says nothing. */
function linesOf(value: string): string[] {
  const lines = value.split('\n').map((line) => line.trim())
  return lines.filter((line) => line.length >= shortest && !line.startsWith('-----'))
}

function formsOf(value: string): string[] {
  const url = encodeURIComponent(value)
  const urls = [url, new URLSearchParams([['', value]]).toString().slice(1)]
  const lower = urls.map((form) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))
  const json = JSON.stringify(value).slice(1, -1)
  const base64 = base64Forms(value)
  return [value, ...urls, ...lower, json, JSON.stringify(json).slice(1, -1), ...base64, ...base64.map(urlSafe)].filter(
    (form) => form.length >= shortest,
  )
}

/** A secret inside a longer text (`user:secret`) starts at any of three positions of a base64 group; the characters that its neighbours share are left out. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value)
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1
    return encoded.slice(before === 0 ? 0 : before + 1, encoded.length - shared)
  })
}

function urlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_')
}
