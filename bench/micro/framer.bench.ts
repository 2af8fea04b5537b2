/** Cutting a byte stream into requests: whole in one chunk, and split at every chunk's end. */
import { FED_ALL, Framer } from '#millrace/front/net/framer';
import { produceFrame } from '../load/produce-request.ts';
import { batchOf, hashOf } from './fixtures.ts';
import type { MicroBench, MicroTask } from './micro-bench.ts';

const FRAME_LIMIT = 104_857_600;
const CHUNK_BYTES = 65_536;

function framerTask(name: string, stream: Buffer, chunkBytes: number, frames: number): MicroTask {
  const chunks: Buffer[] = [];
  for (let at = 0; at < stream.length; at += chunkBytes) {
    chunks.push(stream.subarray(at, at + chunkBytes));
  }
  const run = (): void => {
    let seen = 0;
    const framer = new Framer(FRAME_LIMIT, () => {
      seen++;
      return true;
    });
    for (const chunk of chunks) {
      if (framer.feed(chunk, 0, chunk.length) !== FED_ALL) throw new Error('a frame was refused');
    }
    if (seen !== frames) throw new Error(`${seen} frames in place of ${frames}`);
  };
  return { name, operations: frames, bytes: stream.length / frames, run };
}

export const bench: MicroBench = {
  name: 'framer',
  prepare(smoke) {
    const target = { topic: 'bench', partition: 0, acks: 1 };
    const small = produceFrame(target, 0, batchOf(1)).bytes;
    const large = produceFrame(target, 0, batchOf(148)).bytes;
    const count = smoke ? 2 : 64;
    const repeat = (frame: Buffer): Buffer => Buffer.concat(new Array(count).fill(frame));
    return {
      hash: hashOf(small, large),
      tasks: [
        framerTask('one-record requests', repeat(small), CHUNK_BYTES, count),
        framerTask('16 KB requests', repeat(large), CHUNK_BYTES, count),
        framerTask('16 KB requests in chunks of 1,000 bytes', repeat(large), 1000, count),
      ],
    };
  },
};
