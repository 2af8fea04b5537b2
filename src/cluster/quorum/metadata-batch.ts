import { baseOffset, lastOffset, partitionLeaderEpoch } from '../../records/batch-layout.ts';

/** One batch of the metadata log, a view of the answer that it came with. */
export interface MetadataBatch {
  readonly bytes: Buffer;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly epoch: number;
}

/** The whole batch in bytes[at, at + size). */
export function metadataBatchAt(bytes: Buffer, at: number, size: number): MetadataBatch {
  return {
    bytes: bytes.subarray(at, at + size),
    baseOffset: baseOffset(bytes, at),
    lastOffset: lastOffset(bytes, at),
    epoch: partitionLeaderEpoch(bytes, at),
  };
}
