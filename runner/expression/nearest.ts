/** The name that was probably meant: the one with the fewest letters changed, if they are few. Undefined when none is near. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  const limit = Math.max(word.length > 3 ? 2 : 1, Math.floor(word.length / 3))
  let best: { name: string; distance: number } | undefined
  for (const name of names) {
    if (Math.abs(name.length - word.length) > limit) continue
    const distance = editDistance(word.toLowerCase(), name.toLowerCase())
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= right.length; j += 1) {
      const substituted = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substituted))
    }
    row = next
  }
  return row[right.length]!
}

/** The end of a message: the near name, else the names there are. */
export function suggestion(word: string, names: readonly string[]): string {
  const near = nearest(word, names)
  if (near !== undefined) return ` Did you mean \`${near}\`?`
  if (names.length === 0) return ''
  const shown = [...names].sort().slice(0, 12)
  return ` Known: ${shown.map((name) => `\`${name}\``).join(', ')}${names.length > shown.length ? ' and more' : ''}.`
}
