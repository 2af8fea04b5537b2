/** Runs in a thread of the client's packer. */
import { move } from 'piscina';
import { BATCH_HEADER_SIZE } from '../records/batch-layout.ts';
import { compress } from '../records/compression.ts';

export interface PackTask {
  readonly codec: number;
  readonly level: number | undefined;
  /** In memory of their own, which moves to the thread. */
  readonly records: Uint8Array;
}

/** The compressed records behind room for the header of their batch. */
export default function pack({ codec, level, records }: PackTask): unknown {
  const packed = compress(codec, records, level);
  const bytes = new Uint8Array(BATCH_HEADER_SIZE + packed.length);
  bytes.set(packed, BATCH_HEADER_SIZE);
  return move(bytes);
}
