/** Which names belong together. */
export class QuickUnion {
  readonly #above = new Map<string, string>();

  add(name: string): void {
    this.#above.set(name, name);
  }

  /** The name that stands for the whole group. */
  root(name: string): string {
    let at = name;
    for (let above = this.#above.get(at); above !== at; above = this.#above.get(at)) {
      if (above === undefined) throw new Error(`${at} belongs to no group`);
      at = above;
    }
    return at;
  }

  unite(name: string, other: string): void {
    this.#above.set(this.root(name), this.root(other));
  }
}
