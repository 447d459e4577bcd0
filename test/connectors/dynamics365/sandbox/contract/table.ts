import { readCases } from './cases.ts'

/** All sections of the facts sheet. */
export const sections =
  `1.1 1.2 1.3 1.4 1.5 1.6 2.1 2.2 2.3 2.4 2.5 3 4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9 5 6 6.1 6.2 6.3 6.4 6.5 6.6 6.7 6.8 7.1 7.2 7.3 7.4 7.5
  8.1 8.2 8.3 8.4 9.1 9.2 10 11.1 11.2 11.3 11.4 12.1 12.2 12.3 12.4 12.5 12.6 13.1 13.2 13.3 13.4 13.5 14.1 14.2 14.3 14.4 14.5 15.1 15.2 16
  17.1 17.2 17.3 17.4 18.1 18.2 18.3 18.4 18.5 19 20.1 20.2 20.3 21 22`.split(/\s+/)

/** Sections that say nothing that can be seen on the wire of the Web API. */
export const invisible: Record<string, string> = {
  '1.2': 'labels of regions',
  '1.3': 'the global discovery service, which is another host',
  '1.4': 'addresses on-premises',
  '17.3': 'entitlements of licences',
  '21': 'advice on what to avoid; what it says of the wire stands in the other sections',
  '22': 'ages of the sources',
}

/** Sections that can only be seen with a server or a receiver: which test holds them. */
export const seenElsewhere: Record<string, string> = {
  '17.1': 'limits.test.ts',
  '17.2': 'limits.test.ts',
  '18.3': 'webhooks.test.ts',
  '18.4': 'webhooks.test.ts',
}

/** How many cases each section has. */
export function table(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { sheet } of readCases().flatMap(({ cases }) => cases)) counts.set(sheet, (counts.get(sheet) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })))
}

if (import.meta.main) {
  const counts = table()
  for (const section of sections) console.log(section.padEnd(6), counts.get(section) ?? invisible[section] ?? seenElsewhere[section])
  console.log(
    'all'.padEnd(6),
    [...counts.values()].reduce((sum, count) => sum + count, 0),
  )
}
