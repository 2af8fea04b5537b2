import {
  attributes,
  BATCH_HEADER_SIZE,
  baseOffset,
  CODEC_MASK,
  codecId,
  crc,
  LOG_OVERHEAD,
  setAttributes,
  setBatchLength,
  sizeInBytes,
} from '../../records/batch-layout.ts';
import { CODEC } from '../../records/codec-ids.ts';
import { decompress } from '../../records/compression.ts';
import type { RecordCursor } from '../../records/record-iterator.ts';
import { isCorrupt } from './corrupt.ts';

/** A batch that grows past this when it is opened is not shown as records. */
const OPENED_BYTES_MAX = 32 * 1024 * 1024;
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

interface Opened {
  readonly baseOffset: number;
  readonly crc: number;
  readonly sizeBytes: number;
  /** The same batch without its compression; null: it cannot be opened. */
  readonly batch: Buffer | null;
}

/**
 * Compressed batches in their uncompressed form: those opened last are kept, since a batch goes out
 * in several frames and to several formats.
 */
export class OpenedBatches {
  #kept: Opened[] = [];
  #keptBytes = 0;

  /** Sets the cursor before the first record of a whole batch; false where it is damaged. */
  open(bytes: Buffer, at: number, record: RecordCursor): boolean {
    if (codecId(bytes, at) === CODEC.NONE) {
      record.open(bytes, at);
      return true;
    }
    const batch = this.#find(bytes, at);
    if (batch === null) return false;
    record.open(batch, 0);
    return true;
  }

  #find(bytes: Buffer, at: number): Buffer | null {
    const offset = baseOffset(bytes, at);
    const sum = crc(bytes, at);
    const sizeBytes = sizeInBytes(bytes, at);
    for (const kept of this.#kept) {
      if (kept.baseOffset !== offset || kept.crc !== sum || kept.sizeBytes !== sizeBytes) continue;
      return kept.batch;
    }
    const batch = uncompressed(bytes, at, sizeBytes);
    this.#keep({ baseOffset: offset, crc: sum, sizeBytes, batch });
    return batch;
  }

  #keep(opened: Opened): void {
    this.#kept.push(opened);
    this.#keptBytes += opened.batch?.length ?? 0;
    while (this.#keptBytes > KEPT_BYTES_MAX || this.#kept.length > 16) {
      this.#keptBytes -= this.#kept.shift()!.batch?.length ?? 0;
    }
  }
}

/** A copy of the batch with plain records; its CRC is not made to match. */
function uncompressed(bytes: Buffer, at: number, sizeBytes: number): Buffer | null {
  const records = opened(bytes, at, sizeBytes);
  if (records === null) return null;
  const batch = Buffer.allocUnsafeSlow(BATCH_HEADER_SIZE + records.length);
  bytes.copy(batch, 0, at, at + BATCH_HEADER_SIZE);
  batch.set(records, BATCH_HEADER_SIZE);
  setBatchLength(batch, 0, batch.length - LOG_OVERHEAD);
  setAttributes(batch, 0, attributes(batch, 0) & ~CODEC_MASK);
  return batch;
}

/** What a client compressed badly is stored all the same; whoever reads it meets the damage. */
function opened(bytes: Buffer, at: number, sizeBytes: number): Uint8Array | null {
  const compressed = bytes.subarray(at + BATCH_HEADER_SIZE, at + sizeBytes);
  try {
    return decompress(codecId(bytes, at), compressed, OPENED_BYTES_MAX);
  } catch (thrown) {
    if (!isCorrupt(thrown)) throw thrown;
    return null;
  }
}
