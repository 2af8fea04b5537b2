import { expect } from 'vitest';
import {
  Admin,
  type AdminOptions,
  Consumer,
  type ConsumerOptions,
  Producer,
  type ProducerOptions,
  text,
  topic,
} from '../../../src/client/index.ts';

/** What can be tried again is tried for far longer. */
const SOON_MS = 8_000;
const words = topic('refused', { value: text });

/** Each kind of client tells soon why the broker will not have it, with this error. */
export async function expectRefused(options: object, error: object): Promise<void> {
  const silent = { ...options, onError: () => undefined };
  const startMs = performance.now();
  await using admin = new Admin(silent as unknown as AdminOptions);
  await expect(admin.connect()).rejects.toMatchObject(error);
  await expect(admin.topics.list()).rejects.toMatchObject(error);
  await using producer = new Producer({ ...silent, lingerMs: 0 } as unknown as ProducerOptions);
  await expect(producer.send(words, { value: 'x' })).rejects.toMatchObject(error);
  await expect(firstRecord(silent, {})).rejects.toMatchObject(error);
  await expect(firstRecord(silent, { groupProtocol: 'consumer' })).rejects.toMatchObject(error);
  expect(performance.now() - startMs).toBeLessThan(SOON_MS);
}

async function firstRecord(options: object, more: object): Promise<unknown> {
  const all = { ...options, ...more, groupId: 'refused', topics: [words] };
  await using consumer = new Consumer(all as unknown as ConsumerOptions);
  for await (const record of consumer) return record;
  return null;
}
