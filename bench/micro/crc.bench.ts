/** CRC-32C: the processor's instruction behind a native call, and the tables. */
import { native } from '#millrace/log/native';
import { portableCrc32c } from '#millrace/records/crc32c';
import { hashOf, randomBytes } from './fixtures.ts';
import type { MicroBench, MicroTask } from './micro-bench.ts';

type Crc = (bytes: Uint8Array, start: number, end: number) => number;

function crcTask(kind: string, crc: Crc, input: Buffer, operations: number): MicroTask {
  const bytes = input.length;
  const wanted = portableCrc32c(input, 0, bytes);
  const run = (): void => {
    let sum = 0;
    for (let done = 0; done < operations; done++) sum += crc(input, 0, bytes);
    if (sum !== wanted * operations) throw new Error('a CRC came out wrong');
  };
  return { name: `${kind}: ${bytes} bytes`, operations, bytes, run };
}

export const bench: MicroBench = {
  name: 'crc',
  prepare(smoke) {
    const inputs = [200, 16_384, 1_048_576].map(randomBytes);
    const operationsFor = (input: Buffer): number =>
      smoke ? 1 : Math.max(1, Math.floor(1_000_000 / input.length));
    return {
      hash: hashOf(...inputs),
      tasks: inputs.flatMap((input) => [
        crcTask('native', native.crc32c, input, operationsFor(input)),
        crcTask('native tables', native.crc32cPortable, input, operationsFor(input)),
        crcTask('JavaScript tables', portableCrc32c, input, operationsFor(input)),
      ]),
    };
  },
};
