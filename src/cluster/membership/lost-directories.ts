const TOLD = Number.POSITIVE_INFINITY;

/** The log directories of this broker that failed, and whether the controllers know of them. */
export class LostDirectories {
  /** By id: until when the controllers must know. */
  readonly #untilMs = new Map<string, number>();

  /** A directory that is known already stays as it is. */
  add(id: string, untilMs: number): void {
    if (!this.#untilMs.has(id)) this.#untilMs.set(id, untilMs);
  }

  get ids(): string[] {
    return [...this.#untilMs.keys()];
  }

  /** The controllers know of these. */
  told(ids: readonly string[]): void {
    for (const id of ids) this.#untilMs.set(id, TOLD);
  }

  /** The id of one that they should know of by now; null where there is none. */
  overdue(nowMs: number): string | null {
    for (const [id, untilMs] of this.#untilMs) if (nowMs > untilMs) return id;
    return null;
  }
}
