import { type OffsetRange, writeFinishedRanges } from './finished-ranges.ts';

/**
 * The furthest that offsets may lie behind the oldest unfinished one. A bit for each fits into the
 * metadata of a commit, so no finished record is forgotten.
 */
export const SPAN_MAX = 16_000;

interface Begun {
  readonly offset: number;
  /** The offset behind it; further where the next ones hold no record. */
  readonly nextOffset: number;
  isFinished: boolean;
}

/**
 * The records of one partition that are worked on in any order. What may be committed never passes
 * one that is not finished.
 */
export class FinishedOffsets {
  #begun: Begun[] = [];
  #head = 0;
  readonly #byOffset = new Map<number, Begun>();
  #committable: number;

  /** Work begins at this offset. */
  constructor(offset: number) {
    this.#committable = offset;
  }

  /** The offset below which all is finished. */
  get committable(): number {
    return this.#committable;
  }

  get unfinished(): number {
    return this.#byOffset.size;
  }

  /** Whether to wait until older ones are finished before this one begins. */
  isTooFar(offset: number): boolean {
    return this.#byOffset.size > 0 && offset - this.#committable >= SPAN_MAX;
  }

  /** Offsets begin in their order. `nextOffset` is the one behind it. */
  begin(offset: number, nextOffset: number = offset + 1): void {
    const begun = { offset, nextOffset, isFinished: false };
    this.#begun.push(begun);
    this.#byOffset.set(offset, begun);
  }

  /** Each offset once; one that did not begin here is not minded. */
  finish(offset: number): void {
    const begun = this.#byOffset.get(offset);
    if (begun === undefined) return;
    begun.isFinished = true;
    this.#byOffset.delete(offset);
    while (this.#head < this.#begun.length && this.#begun[this.#head]!.isFinished) {
      this.#committable = this.#begun[this.#head++]!.nextOffset;
    }
    if (this.#head < 1_000 && this.#head < this.#begun.length) return;
    this.#begun = this.#begun.slice(this.#head);
    this.#head = 0;
  }

  /** What is finished beyond the committable offset, '' where that is nothing. */
  metadata(): string {
    const ranges: OffsetRange[] = [];
    for (let i = this.#head; i < this.#begun.length; i++) {
      const { offset, nextOffset, isFinished } = this.#begun[i]!;
      if (!isFinished) continue;
      const last = ranges.at(-1);
      if (last !== undefined && last.end === offset) last.end = nextOffset;
      else ranges.push({ start: offset, end: nextOffset });
    }
    return writeFinishedRanges(this.#committable, ranges);
  }
}
