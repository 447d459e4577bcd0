import type { Context } from 'hono'

/** One thing that can be asked or ordered below `/sandbox`: JSON in, JSON out. */
export interface Control<State> {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below `/sandbox`; parts such as `:id?` are fields of the order. */
  path: string
  about: string
  /** Of the body, or of the query with GET, by name. */
  fields?: Record<string, string>
  /** What is answered: as JSON, or a response that is more than that. @throws OrderError, RangeError with a sentence that is answered with 400 */
  handle(state: State, order: Record<string, unknown>, context: Context): object | Promise<object>
}

/** A control as it is listed, without its code. */
export type ControlEntry = Omit<Control<never>, 'handle'>

export function entryOf({ method, path, about, fields }: ControlEntry): ControlEntry {
  return { method, path, about, ...(fields && { fields }) }
}
