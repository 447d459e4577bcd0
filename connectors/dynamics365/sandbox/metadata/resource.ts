export type Definition = Record<string, unknown>

/** One thing of the metadata: its own properties, and what `$expand` adds. */
export interface Resource {
  /** Without namespace. */
  type: string
  properties: Definition
  /** The type that mixed lists declare: its properties alone can be selected and filtered where no cast is made. */
  base?: { type: string; properties: ReadonlySet<string> }
  related?: Record<string, () => Resource | readonly Resource[] | null>
}
