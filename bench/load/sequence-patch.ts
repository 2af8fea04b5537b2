import { BASE_SEQUENCE } from '#millrace/records/batch-layout';
import { FieldPatch } from './field-patch.ts';
import type { EntryPatch } from './produce-lane.ts';

const SEQUENCE_BYTES = 4;

/** Gives the batch of an idempotent producer its base sequence. */
export class SequencePatch implements EntryPatch {
  readonly #bytes: Buffer;
  readonly #sequenceAt: number;
  readonly #field: FieldPatch;

  /** `bytes` holds a whole batch at [batchAt, batchEnd), final but for sequence and CRC. */
  constructor(bytes: Buffer, batchAt: number, batchEnd: number) {
    this.#bytes = bytes;
    this.#sequenceAt = batchAt + BASE_SEQUENCE;
    this.#field = new FieldPatch(bytes, batchAt, batchEnd, BASE_SEQUENCE, SEQUENCE_BYTES);
  }

  set(sequence: number): void {
    this.#bytes.writeInt32BE(sequence, this.#sequenceAt);
    this.#field.seal();
  }
}
