import type { Gap, StreamRecord } from './messages.ts';

/** The partition and the offsets of a frame. */
interface FrameExtent {
  readonly topic: string;
  readonly partition: number;
  /** The position before the frame and after it. */
  readonly position: number;
  readonly next: number;
  readonly high: number;
  readonly epoch: number;
  readonly count: number;
}

/** Records of one partition that have arrived and wait for the loop. */
export interface WaitingFrame extends FrameExtent {
  /** The frame took so many bytes, and `count` records, of the credit. */
  readonly bytes: number;
  /** The records that did not open. */
  readonly damaged: readonly Gap[];
  /** Called when the loop takes the frame. Until then the frame stays as small as it came. */
  open(): readonly StreamRecord[] | Promise<readonly StreamRecord[]>;
}

/** A frame of `millrace.json`. */
export interface RecordsEvent extends FrameExtent {
  readonly type: 'records';
  readonly records: StreamRecord[];
}

export class JsonFrame implements WaitingFrame {
  readonly bytes: number;
  /** Stays empty: the broker tells of damaged records itself. */
  readonly damaged: readonly Gap[] = [];
  readonly #event: RecordsEvent;

  constructor(event: RecordsEvent, bytes: number) {
    this.#event = event;
    this.bytes = bytes;
  }

  get topic(): string {
    return this.#event.topic;
  }

  get partition(): number {
    return this.#event.partition;
  }

  get position(): number {
    return this.#event.position;
  }

  get next(): number {
    return this.#event.next;
  }

  get high(): number {
    return this.#event.high;
  }

  get epoch(): number {
    return this.#event.epoch;
  }

  get count(): number {
    return this.#event.count;
  }

  open(): readonly StreamRecord[] {
    const { topic, partition, records } = this.#event;
    for (const record of records as { topic: string; partition: number }[]) {
      record.topic = topic;
      record.partition = partition;
    }
    return records;
  }
}
