import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createParkingMemory, Parking } from '../../src/ring/parking.ts';
import { createRingMemory, RING_FULL } from '../../src/ring/ring-layout.ts';
import { RingProducer } from '../../src/ring/ring-producer.ts';

const MESSAGES = 200_000;

/** Runs in a thread of its own: reads until all came, parks when there is nothing, sums what it saw. */
const CONSUMER = `
import { parentPort, workerData } from 'node:worker_threads';
const { RingConsumer } = await import(workerData.consumer);
const { Parking } = await import(workerData.parkingModule);
const consumer = new RingConsumer(workerData.ring);
const parking = new Parking(workerData.parking);
let expected = 0;
let sleeps = 0;
while (expected < workerData.count) {
  if (consumer.next() === 0) {
    parking.announce();
    if (!consumer.isEmpty()) { parking.cancel(); continue; }
    sleeps++;
    parking.sleep(10_000);
    continue;
  }
  const words = consumer.words;
  const at = consumer.payloadAt >> 2;
  if (words[at] !== expected || words[at + 1] !== ~expected) {
    throw new Error('message ' + expected + ' came as ' + words[at]);
  }
  expected++;
  if (expected % 7 === 0) consumer.release();
}
consumer.release();
parentPort.postMessage({ expected, sleeps });
`;

function startConsumer(ring: SharedArrayBuffer, parking: SharedArrayBuffer): Promise<number> {
  const module = (name: string) => new URL(`../../dist/ring/${name}.js`, import.meta.url).href;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(CONSUMER)}`), {
    workerData: {
      ring,
      parking,
      count: MESSAGES,
      consumer: module('ring-consumer'),
      parkingModule: module('parking'),
    },
  });
  return new Promise((resolve, reject) => {
    worker.on('message', (result: { expected: number }) => resolve(result.expected));
    worker.on('error', reject);
  });
}

describe('a ring between two threads', () => {
  it('loses no message and no wake, whoever is faster', async () => {
    const ring = createRingMemory(16 * 1024);
    const parkingMemory = createParkingMemory();
    const parking = new Parking(parkingMemory);
    const producer = new RingProducer(ring);
    const received = startConsumer(ring, parkingMemory);
    for (let i = 0; i < MESSAGES; ) {
      const at = producer.claim(1, 8 + (i % 200));
      if (at === RING_FULL) {
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      producer.words[at >> 2] = i;
      producer.words[(at >> 2) + 1] = ~i;
      producer.commit();
      parking.wake();
      i++;
      // Now and then the consumer gets ahead, so that it really parks.
      if (i % 5000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await received).toBe(MESSAGES);
  });
});
