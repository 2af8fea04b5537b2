/** The log of one replica as its files have it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  baseOffset,
  lastOffset,
  partitionLeaderEpoch,
  wholeBatchSize,
} from '../../../dist/records/batch-layout.js';

export class ReplicaLog {
  /** In their order. */
  #batches = [];

  constructor(directory, name) {
    const path = join(directory, name);
    if (!existsSync(path)) return;
    const segments = readdirSync(path).filter((file) => file.endsWith('.log'));
    for (const file of segments.sort()) this.#read(readFileSync(join(path, file)));
  }

  /** What is reserved behind the last batch holds none. */
  #read(bytes) {
    for (let at = 0; ; ) {
      const size = wholeBatchSize(bytes, at, bytes.length);
      if (size <= 0) return;
      this.#batches.push({
        base: baseOffset(bytes, at),
        end: lastOffset(bytes, at) + 1,
        epoch: partitionLeaderEpoch(bytes, at),
        bytes: bytes.subarray(at, at + size),
      });
      at += size;
    }
  }

  get end() {
    return this.#batches.at(-1)?.end ?? 0;
  }

  /** What is wrong with the offsets or the epochs; null where nothing is. */
  disorder() {
    let next = 0;
    let newest = 0;
    for (const { base, end, epoch } of this.#batches) {
      if (base !== next) return `${base} follows ${next}`;
      if (epoch < newest) return `a batch of epoch ${epoch} at ${base} follows one of ${newest}`;
      next = end;
      newest = epoch;
    }
    return null;
  }

  /** Null where there is none. */
  differenceTo(other) {
    if (this.end !== other.end) return `they end at ${this.end} and ${other.end}`;
    for (const [i, { base, epoch, bytes }] of this.#batches.entries()) {
      const found = other.#batches[i];
      if (found?.bytes.equals(bytes)) continue;
      return `batches at ${base} of epoch ${epoch} and at ${found?.base} of ${found?.epoch} differ`;
    }
    return null;
  }
}
