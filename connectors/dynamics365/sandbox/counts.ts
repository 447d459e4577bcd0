/** What can be counted: calls of the token endpoint by grant and by status, of the sign-in page and the Web API by method, answers of the Web API by status. */
export const countKinds = ['token', 'token_statuses', 'authorize', 'web_api_methods', 'web_api_statuses'] as const
export type CountKind = (typeof countKinds)[number]

/** Counts what the sandbox was asked. */
export interface Counts {
  add(kind: CountKind, name: string | number): void
  read(): Record<CountKind, Record<string, number>>
  reset(): void
}

export function createCounts(): Counts {
  let counts = empty()
  return {
    add(kind, name) {
      counts[kind][name] = (counts[kind][name] ?? 0) + 1
    },
    read: () => counts,
    reset() {
      counts = empty()
    },
  }
}

function empty(): Record<CountKind, Record<string, number>> {
  return { token: {}, token_statuses: {}, authorize: {}, web_api_methods: {}, web_api_statuses: {} }
}
