/** Collects the lines of a generated function and hands out names that do not clash. */
export class SourceBuilder {
  readonly #lines: string[] = [];
  /** The index variables of the loops that surround the next line, for error messages. */
  readonly #loops: string[] = [];
  #names = 0;

  line(text: string): void {
    this.#lines.push(text);
  }

  name(prefix: string): string {
    return prefix + this.#names++;
  }

  enterLoop(index: string): void {
    this.#loops.push(index);
  }

  leaveLoop(): void {
    this.#loops.pop();
  }

  /** Arguments that name a field: its path, and the index for each '[]' in it. */
  where(path: string): string {
    return [JSON.stringify(path), ...this.#loops].join(', ');
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}
