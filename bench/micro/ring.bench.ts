/** One thread writes and reads a ring: what a message costs without any waking. */

import { copyBytes } from '#millrace/base/bytes';
import { RingConsumer } from '#millrace/ring/ring-consumer';
import { createRingMemory } from '#millrace/ring/ring-layout';
import { RingProducer } from '#millrace/ring/ring-producer';
import '#millrace/log/native';
import { hashOf, randomBytes } from './fixtures.ts';
import type { MicroBench, MicroTask } from './micro-bench.ts';

const RING_BYTES = 4 * 1024 * 1024;
const MESSAGE_TYPE = 1;

function ringTask(payload: Buffer, operations: number): MicroTask {
  const memory = createRingMemory(RING_BYTES);
  const producer = new RingProducer(memory);
  const consumer = new RingConsumer(memory);
  const bytes = payload.length;
  const run = (): void => {
    for (let done = 0; done < operations; done++) {
      const at = producer.claim(MESSAGE_TYPE, bytes);
      copyBytes(payload, 0, producer.bytes, at, bytes);
      producer.commit();
      if (consumer.next() !== MESSAGE_TYPE) throw new Error('the ring lost a message');
      consumer.release();
    }
  };
  return { name: `claim, copy, commit, next, release: ${bytes} bytes`, operations, bytes, run };
}

export const bench: MicroBench = {
  name: 'ring',
  prepare(smoke) {
    const operations = smoke ? 10 : 1000;
    const payloads = [200, 16_384].map(randomBytes);
    return {
      hash: hashOf(...payloads),
      tasks: payloads.map((payload) => ringTask(payload, operations)),
    };
  },
};
