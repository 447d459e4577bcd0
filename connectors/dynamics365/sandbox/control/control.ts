/** One thing that can be asked or ordered at `/sandbox/`: JSON in, JSON out. */
export interface Control<State> {
  method: 'GET' | 'POST' | 'DELETE'
  /** Below `/sandbox`. */
  path: string
  about: string
  /** Of the body, or of the query with GET, by name. */
  fields?: Record<string, string>
  /** Absent where the answer is more than JSON and another router gives it. @throws OrderError, RangeError with a sentence that is answered with 400 */
  handle?(state: State, order: Record<string, unknown>, origin: string): object
}

/** A control as it is listed, without its code. */
export type ControlEntry = Omit<Control<never>, 'handle'>

export function entryOf({ method, path, about, fields }: ControlEntry): ControlEntry {
  return { method, path, about, ...(fields && { fields }) }
}
