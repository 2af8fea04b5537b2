import { BATCH_HEADER_SIZE } from '../records/batch-layout.ts';
import { CODEC } from '../records/codec-ids.ts';
import type { Packer } from './producer/packer.ts';

/** What is below this does not grow by much where our own coder packs it, and is done at once. */
const LARGE_BYTES = 1024;

/** Lets the browser make gzip, which packs better than our own coder and beside the event loop. */
export class StreamPacker implements Packer {
  pack(codec: number, _level: number | undefined, records: Uint8Array): Promise<Buffer> | null {
    if (codec !== CODEC.GZIP || records.length < LARGE_BYTES) return null;
    // The arena may be in use again before the stream has read it.
    return gzip(new Uint8Array(records));
  }
}

async function gzip(records: Uint8Array<ArrayBuffer>): Promise<Buffer> {
  const packed = new Blob([records]).stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = await new Response(packed).arrayBuffer();
  const batch = Buffer.allocUnsafeSlow(BATCH_HEADER_SIZE + bytes.byteLength);
  batch.set(new Uint8Array(bytes), BATCH_HEADER_SIZE);
  return batch;
}
