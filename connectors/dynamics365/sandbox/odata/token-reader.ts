import { syntaxError, type Token, tokenize } from './tokens.ts'

/** Goes through the tokens of a text, one after the other. */
export class TokenReader {
  protected readonly text: string
  readonly #tokens: Token[]
  #at = 0

  constructor(text: string) {
    this.text = text
    this.#tokens = tokenize(text)
  }

  protected peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1)!
  }

  protected next(): Token {
    const token = this.peek()
    this.#at++
    return token
  }

  protected take(symbol: string): boolean {
    return this.peek().type === 'symbol' && this.peek().text === symbol && this.#at++ >= 0
  }

  protected takeName(name: string): boolean {
    return this.peek().type === 'name' && this.peek().text === name && this.#at++ >= 0
  }

  protected expect(symbol: string): void {
    if (!this.take(symbol)) throw this.unexpected()
  }

  protected unexpected(): Error {
    return syntaxError(this.text, this.peek().at)
  }
}
