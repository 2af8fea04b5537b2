import type { Gap, StreamRecord } from './messages.ts';
import { decodeBatches, type ReadFields } from './record-batches.ts';
import { textOf } from './record-values.ts';
import type { WaitingFrame } from './waiting-frame.ts';

/** The layout of a binary frame of `millrace.batch`: see src/gateway/README.md. */
const TOPIC_BYTES_AT = 2;
const PARTITION_AT = 8;
const EPOCH_AT = 12;
const POSITION_AT = 16;
const NEXT_AT = 24;
const HIGH_AT = 32;
const COUNT_AT = 40;
const HEADER_BYTES = 48;
const WORD = 2 ** 32;

export class BatchFrame implements WaitingFrame {
  readonly topic: string;
  readonly damaged: Gap[] = [];
  readonly #frame: Uint8Array;
  readonly #view: DataView;
  readonly #fields: ReadFields;

  constructor(frame: Uint8Array, fields: ReadFields) {
    this.#frame = frame;
    this.#view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.#fields = fields;
    this.topic = textOf(frame.subarray(HEADER_BYTES, this.#batchesAt));
  }

  get #batchesAt(): number {
    return HEADER_BYTES + this.#view.getUint16(TOPIC_BYTES_AT);
  }

  #int64(at: number): number {
    return this.#view.getInt32(at) * WORD + this.#view.getUint32(at + 4);
  }

  get partition(): number {
    return this.#view.getInt32(PARTITION_AT);
  }

  get epoch(): number {
    return this.#view.getInt32(EPOCH_AT);
  }

  get position(): number {
    return this.#int64(POSITION_AT);
  }

  get next(): number {
    return this.#int64(NEXT_AT);
  }

  get high(): number {
    return this.#int64(HIGH_AT);
  }

  get count(): number {
    return this.#view.getUint32(COUNT_AT);
  }

  get bytes(): number {
    return this.#frame.length;
  }

  open(): StreamRecord[] | Promise<StreamRecord[]> {
    const { topic, partition } = this;
    return decodeBatches(this.#frame.subarray(this.#batchesAt), this, this.#fields, (from, to) =>
      this.damaged.push({ topic, partition, from, to, reason: 'corrupt' }),
    );
  }
}
