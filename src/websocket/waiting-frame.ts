import type { Gap, StreamRecord } from './messages.ts';

/** Where the records of a frame stand. */
interface FramePlace {
  readonly topic: string;
  readonly partition: number;
  /** Where the partition stands before it and after it. */
  readonly position: number;
  readonly next: number;
  readonly high: number;
  readonly epoch: number;
  readonly count: number;
}

/** Records of one partition that have arrived and wait for the loop. */
export interface WaitingFrame extends FramePlace {
  /** With `count` what it took of the credit. */
  readonly bytes: number;
  /** What did not open when it was opened. */
  readonly damaged: readonly Gap[];
  /** Only when the loop takes it: until then it stays as small as it came. */
  open(): readonly StreamRecord[] | Promise<readonly StreamRecord[]>;
}

/** As `millrace.json` sends it. */
export interface RecordsEvent extends FramePlace {
  readonly type: 'records';
  readonly records: StreamRecord[];
}

export class JsonFrame implements WaitingFrame {
  readonly bytes: number;
  /** The broker tells of these itself. */
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
