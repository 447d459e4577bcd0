/** Fields of a form or of a query. */
export interface Fields {
  get(name: string): string | null | undefined
}
