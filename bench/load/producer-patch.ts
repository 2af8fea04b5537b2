import { BASE_SEQUENCE, PRODUCER_EPOCH } from '#millrace/records/batch-layout';
import { FieldPatch } from './field-patch.ts';

/** The epoch in two bytes, then the base sequence in four. */
const FIELD_BYTES = 6;

/** Gives the batch of a transaction the producer's epoch and its base sequence. */
export class ProducerPatch {
  readonly #bytes: Buffer;
  readonly #batchAt: number;
  readonly #field: FieldPatch;

  /** `bytes` holds a whole batch at [batchAt, batchEnd), final but for these two and the CRC. */
  constructor(bytes: Buffer, batchAt: number, batchEnd: number) {
    this.#bytes = bytes;
    this.#batchAt = batchAt;
    this.#field = new FieldPatch(bytes, batchAt, batchEnd, PRODUCER_EPOCH, FIELD_BYTES);
  }

  set(epoch: number, sequence: number): void {
    this.#bytes.writeInt16BE(epoch, this.#batchAt + PRODUCER_EPOCH);
    this.#bytes.writeInt32BE(sequence, this.#batchAt + BASE_SEQUENCE);
    this.#field.seal();
  }
}
