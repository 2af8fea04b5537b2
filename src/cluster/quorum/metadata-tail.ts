import { MillraceError } from '../../base/errors.ts';
import { MAGIC_V2, magic, wholeBatchSize } from '../../records/batch-layout.ts';
import { hasValidCrc } from '../../records/batch-validator.ts';
import { type MetadataBatch, metadataBatchAt } from './metadata-batch.ts';

export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

/**
 * The end of the metadata log as far as it was fetched: batches that the quorum has not committed
 * yet. The leader serves them too, and a new leader may take them back. What is committed leaves it
 * by `takeCommitted` and never changes again.
 */
export class MetadataTail {
  #batches: MetadataBatch[] = [];
  #committedEnd = 0;
  #committedEpoch = 0;

  /** The offset of the next batch. */
  get endOffset(): number {
    return (this.#batches.at(-1)?.lastOffset ?? this.#committedEnd - 1) + 1;
  }

  /** The epoch of the last batch, 0 where there is none. */
  get lastEpoch(): number {
    return this.#batches.at(-1)?.epoch ?? this.#committedEpoch;
  }

  /** Everything before it has left by `takeCommitted` or came with a snapshot. */
  get committedEnd(): number {
    return this.#committedEnd;
  }

  /** A snapshot holds everything before `endOffset`. */
  startAt(endOffset: number, epoch: number): void {
    this.#batches = [];
    this.#committedEnd = endOffset;
    this.#committedEpoch = epoch;
  }

  /**
   * Takes the batches of one answer; a last batch that is cut off is left. `epochMax` is the epoch
   * of the request: a batch from a later one could be truncated behind this node's back.
   */
  append(bytes: Buffer, epochMax: number): void {
    let at = 0;
    for (;;) {
      const size = wholeBatchSize(bytes, at, bytes.length);
      if (size === 0) return;
      if (size < 0 || magic(bytes, at) !== MAGIC_V2) throw refused(`no batch at byte ${at}`);
      if (!hasValidCrc(bytes, at, size)) throw refused(`the CRC of a batch at byte ${at} is wrong`);
      this.#add(metadataBatchAt(bytes, at, size), epochMax);
      at += size;
    }
  }

  #add(batch: MetadataBatch, epochMax: number): void {
    if (batch.baseOffset !== this.endOffset || batch.lastOffset < batch.baseOffset) {
      const range = `${batch.baseOffset} to ${batch.lastOffset}`;
      throw refused(`a batch of offsets ${range} where ${this.endOffset} was asked for`);
    }
    if (batch.epoch < this.lastEpoch || batch.epoch > epochMax) {
      const known = `${this.lastEpoch} to ${epochMax}`;
      throw refused(`a batch of epoch ${batch.epoch}, which is not within ${known}`);
    }
    this.#batches.push(batch);
  }

  /** The batches below the high watermark, each once. */
  takeCommitted(highWatermark: number): MetadataBatch[] {
    let count = 0;
    while (count < this.#batches.length && this.#batches[count]!.lastOffset < highWatermark)
      count++;
    const committed = this.#batches.splice(0, count);
    const last = committed.at(-1);
    if (last !== undefined) {
      this.#committedEnd = last.lastOffset + 1;
      this.#committedEpoch = last.epoch;
    }
    return committed;
  }

  /**
   * The leader's log parts from this one: its epoch `epoch` ends at `endOffset`. Cuts to where both
   * agree. Throws MILLRACE_CORRUPT where that would take back what was committed.
   */
  truncate({ epoch, endOffset }: EpochEnd): void {
    if (endOffset < this.#committedEnd) {
      const message = `the controllers take back offset ${endOffset} of the metadata log`;
      const known = `although everything before ${this.#committedEnd} was committed`;
      throw new MillraceError('MILLRACE_CORRUPT', `${message}, ${known}`);
    }
    let kept = this.#batches.length;
    while (kept > 0 && !isShared(this.#batches[kept - 1]!, epoch, endOffset)) kept--;
    this.#batches.length = kept;
  }
}

function isShared(batch: MetadataBatch, epoch: number, endOffset: number): boolean {
  return batch.epoch < epoch || (batch.epoch === epoch && batch.lastOffset < endOffset);
}

function refused(what: string): MillraceError {
  return new MillraceError('MILLRACE_PROTOCOL', `the controller sent ${what}`);
}
