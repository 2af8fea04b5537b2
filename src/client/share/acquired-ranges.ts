import type { ShareFetchResponseAcquiredRecords } from '../../protocol/schema/78-share-fetch.ts';
import { KafkaError } from '../errors/kafka-error.ts';

export interface OffsetRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Walks the offsets that a broker acquired for this member, upwards. */
export class AcquiredRanges {
  readonly #ranges: readonly ShareFetchResponseAcquiredRecords[];
  #index = 0;
  #next: number;

  /** Throws MALFORMED_ANSWER unless the ranges are in order and apart. */
  constructor(ranges: readonly ShareFetchResponseAcquiredRecords[]) {
    let end = -1;
    for (const { firstOffset, lastOffset } of ranges) {
      if (firstOffset <= end || lastOffset < firstOffset || !Number.isSafeInteger(lastOffset)) {
        const what = `the offsets ${firstOffset} to ${lastOffset} were acquired behind ${end}`;
        throw new KafkaError('MALFORMED_ANSWER', what);
      }
      end = lastOffset;
    }
    this.#ranges = ranges;
    this.#next = ranges[0]?.firstOffset ?? 0;
  }

  /** Takes one offset and returns which delivery it is; 0 where it was not acquired. */
  take(offset: number): number {
    const range = this.#ranges[this.#index];
    if (range === undefined || this.#next !== offset) return 0;
    this.#stepTo(offset + 1);
    return range.deliveryCount;
  }

  /** Takes all that are left below an offset. */
  takeBelow(offset: number): OffsetRange[] {
    const taken: OffsetRange[] = [];
    for (;;) {
      const range = this.#ranges[this.#index];
      if (range === undefined || this.#next >= offset) return taken;
      const lastOffset = Math.min(range.lastOffset, offset - 1);
      taken.push({ firstOffset: this.#next, lastOffset });
      this.#stepTo(lastOffset + 1);
    }
  }

  #stepTo(offset: number): void {
    const range = this.#ranges[this.#index]!;
    this.#next = offset;
    if (offset <= range.lastOffset) return;
    this.#index++;
    this.#next = this.#ranges[this.#index]?.firstOffset ?? offset;
  }
}
