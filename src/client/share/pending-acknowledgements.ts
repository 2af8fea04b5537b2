import type { TopicPartition } from '../topic-partition.ts';
import type { AcknowledgeType } from './acknowledge-type.ts';
import type { MarkedRange } from './acquired-records.ts';
import type { ShareRecord } from './share-record.ts';
import type { SharedPartition } from './share-session.ts';

type AnyRecord = ShareRecord<unknown, unknown>;

export interface AcknowledgementBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** One for all offsets of the batch. */
  readonly acknowledgeTypes: AcknowledgeType[];
}

export interface AcknowledgedPlace extends SharedPartition, TopicPartition {}

/** What is to be said of the records of one partition, until it is sent. */
export class PendingAcknowledgements {
  readonly place: AcknowledgedPlace;
  readonly #records: AnyRecord[] = [];
  readonly #ranges: MarkedRange[] = [];

  constructor(place: AcknowledgedPlace) {
    this.place = place;
  }

  /** What was said of the record is read when it is sent. */
  add(record: AnyRecord): void {
    this.#records.push(record);
  }

  addRange(range: MarkedRange): void {
    this.#ranges.push(range);
  }

  get records(): readonly AnyRecord[] {
    return this.#records;
  }

  get ranges(): readonly MarkedRange[] {
    return this.#ranges;
  }

  /** Of the records, in their order. */
  get offsets(): number[] {
    return this.#records.map(({ offset }) => offset).sort((one, other) => one - other);
  }

  /** Whether there is a record whose lock has not ended. */
  hasLive(nowMs: number): boolean {
    return this.#records.some(({ lockedUntilMs }) => lockedUntilMs > nowMs);
  }

  get isEmpty(): boolean {
    return this.#records.length === 0 && this.#ranges.length === 0;
  }

  /** Nothing else can be said of the records from now on. */
  onSent(): void {
    for (const record of this.#records) record.onSent();
  }

  /**
   * Takes out the records whose locks have ended. The broker refuses all that is said of a
   * partition for the sake of one of them.
   */
  takeExpired(nowMs: number): PendingAcknowledgements {
    const expired = new PendingAcknowledgements(this.place);
    const all = this.#records.splice(0);
    for (const record of all) (record.lockedUntilMs > nowMs ? this : expired).add(record);
    return expired;
  }

  /** In the order of their offsets, as few as there can be. */
  batches(): AcknowledgementBatch[] {
    const marks: MarkedRange[] = [...this.#ranges];
    for (const { offset, mark } of this.#records) {
      marks.push({ firstOffset: offset, lastOffset: offset, type: mark! });
    }
    marks.sort((one, other) => one.firstOffset - other.firstOffset);
    const batches: { firstOffset: number; lastOffset: number; type: AcknowledgeType }[] = [];
    for (const { firstOffset, lastOffset, type } of marks) {
      const last = batches.at(-1);
      const follows = last?.type === type && last.lastOffset + 1 === firstOffset;
      if (follows) last.lastOffset = lastOffset;
      else batches.push({ firstOffset, lastOffset, type });
    }
    return batches.map(({ type, ...range }) => ({ ...range, acknowledgeTypes: [type] }));
  }
}
