/** The candidates most like the written name, best first; none when nothing is close. */
export function nearest(written: string, candidates: Iterable<string>, most = 3): string[] {
  const name = written.toLowerCase()
  const limit = Math.max(2, Math.floor(name.length / 3))
  return [...candidates]
    .map((candidate) => ({ candidate, distance: candidate.endsWith(`_${name}`) ? 1 : editDistance(name, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate)
}

/** ` Did you mean …?`, or nothing. */
export function didYouMean(written: string, candidates: Iterable<string>): string {
  const names = nearest(written, candidates)
  return names.length === 0 ? '' : ` Did you mean ${names.map((name) => `\`${name}\``).join(' or ')}?`
}

/** Fewest insertions, deletions and replacements that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(replace, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
