/** A map that forgets its oldest entry when it has too many: what a server keeps of each request must not grow for ever. */
export class Latest<K, V> extends Map<K, V> {
  readonly #most: number

  /** @param most entries that are kept */
  constructor(most: number) {
    super()
    this.#most = most
  }

  override set(key: K, value: V): this {
    super.set(key, value)
    if (this.size > this.#most) this.delete(this.keys().next().value as K)
    return this
  }
}
