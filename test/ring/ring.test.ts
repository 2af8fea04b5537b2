import { describe, expect, it } from 'vitest';
import { RingConsumer } from '../../src/ring/ring-consumer.ts';
import {
  createRingMemory,
  RING_EMPTY,
  RING_FULL,
  RING_TOO_LONG,
  TAIL_WORD,
} from '../../src/ring/ring-layout.ts';
import { RingProducer } from '../../src/ring/ring-producer.ts';

const CAPACITY = 1024;

function pair() {
  const memory = createRingMemory(CAPACITY);
  return { memory, producer: new RingProducer(memory), consumer: new RingConsumer(memory) };
}

function send(producer: RingProducer, type: number, text: string): number {
  const at = producer.claim(type, text.length);
  if (at < 0) return at;
  producer.bytes.write(text, at);
  producer.commit();
  return at;
}

function receive(consumer: RingConsumer, length: number): string {
  return consumer.bytes.toString('utf8', consumer.payloadAt, consumer.payloadAt + length);
}

describe('a ring', () => {
  it('hands over messages in order with their types', () => {
    const { producer, consumer } = pair();
    send(producer, 1, 'first');
    send(producer, 2, 'second!');
    expect(consumer.next()).toBe(1);
    expect(receive(consumer, 5)).toBe('first');
    expect(consumer.next()).toBe(2);
    expect(receive(consumer, 7)).toBe('second!');
    expect(consumer.next()).toBe(RING_EMPTY);
  });

  it('shows nothing of a claim before its commit', () => {
    const { producer, consumer } = pair();
    producer.claim(1, 16);
    expect(consumer.next()).toBe(RING_EMPTY);
    producer.commit();
    expect(consumer.next()).toBe(1);
  });

  it('refuses a claim longer than a quarter of the ring', () => {
    const { producer } = pair();
    expect(producer.claim(1, producer.longestPayload)).toBeGreaterThan(0);
    expect(pair().producer.claim(1, producer.longestPayload + 1)).toBe(RING_TOO_LONG);
  });

  it('is full until the consumer releases what it read', () => {
    const { producer, consumer } = pair();
    let count = 0;
    while (send(producer, 1, 'x'.repeat(56)) >= 0) count++;
    expect(count).toBe(CAPACITY / 64);
    while (consumer.next() !== RING_EMPTY);
    expect(producer.claim(1, 56)).toBe(RING_FULL);
    consumer.release();
    expect(producer.claim(1, 56)).toBeGreaterThan(0);
  });

  it('skips the rest of the data when a message would not fit before its end', () => {
    const { producer, consumer } = pair();
    const sizes = [100, 200, 30, 240, 7, 248, 1, 199];
    for (let round = 0; round < 500; round++) {
      const size = sizes[round % sizes.length]!;
      const text = String.fromCharCode(97 + (round % 26)).repeat(size);
      expect(send(producer, 1 + (round % 5), text) % 8).toBe(0);
      expect(consumer.next()).toBe(1 + (round % 5));
      expect(receive(consumer, size)).toBe(text);
      consumer.release();
    }
  });

  it('goes on across the wrap of its 32-bit positions', () => {
    const { memory } = pair();
    const words = new Int32Array(memory);
    const nearWrap = 2 ** 31 - 512;
    words[TAIL_WORD] = nearWrap;
    words[32] = nearWrap;
    const producer = new RingProducer(memory);
    const consumer = new RingConsumer(memory);
    for (let round = 0; round < 100; round++) {
      expect(send(producer, 3, `message ${round}`)).toBeGreaterThan(0);
      expect(consumer.next()).toBe(3);
      expect(receive(consumer, `message ${round}`.length)).toBe(`message ${round}`);
      consumer.release();
    }
  });
});
