/** One record whose work is not over. */
export interface HeldOffset {
  readonly partition: HeldOffsets;
  readonly offset: number;
}

/** The records of one partition whose work is not over: nothing behind the first is committed. */
export class HeldOffsets {
  /** Works under way by offset; offsets come in order, so that the first is the lowest. */
  readonly #works = new Map<number, number>();

  /** Keeps an offset. Works that come of a kept record keep it before it is let go. */
  hold(offset: number): HeldOffset {
    this.#works.set(offset, (this.#works.get(offset) ?? 0) + 1);
    return { partition: this, offset };
  }

  release(offset: number): void {
    const works = (this.#works.get(offset) ?? 0) - 1;
    if (works > 0) this.#works.set(offset, works);
    else this.#works.delete(offset);
  }

  /** The lowest offset that is kept; infinite where none is. */
  get first(): number {
    for (const offset of this.#works.keys()) return offset;
    return Number.POSITIVE_INFINITY;
  }
}
