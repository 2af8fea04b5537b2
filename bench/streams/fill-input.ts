/** Fills the input with records of the last hour, and the table with a row for each key before. */
import { Producer, text, topic } from 'millrace/client';
import type { ApplicationSetup } from './application-setup.ts';

const KEYS = 100_000;
const KEY_BYTES = 8;
const VALUE_BYTES = 100;
const VALUES = 1_000;
const HOUR_MS = 3_600_000;
const SEED = 42;

const texts = (name: string) => topic(name, { key: text, value: text });
const onBatch = ({ error }: { readonly error: Error | null }): void => {
  if (error !== null) throw error;
};
const keyOf = (i: number): string => `${i}`.padStart(KEY_BYTES, '0');

/** A row for each of so many keys. */
export async function fillRows({ bootstrap, records, table }: ApplicationSetup): Promise<void> {
  await using producer = new Producer({ bootstrapServers: bootstrap, acks: 'all' });
  const writer = producer.to(texts(table), { onBatch });
  for (let i = 0; i < records; i++) {
    const value = `${i % VALUES}`.padEnd(VALUE_BYTES, 'x');
    if (!writer.enqueue(keyOf(i), value)) await writer.ready();
  }
  await producer.flush();
}

export async function fillInput(setup: ApplicationSetup): Promise<void> {
  const { bootstrap, records } = setup;
  await using producer = new Producer({ bootstrapServers: bootstrap, acks: 'all' });
  const keys = Array.from({ length: KEYS }, (_, i) => keyOf(i));
  const values = Array.from({ length: VALUES }, (_, i) => `${i}`.padEnd(VALUE_BYTES, 'x'));
  const beginMs = Date.now() - HOUR_MS;
  // Of records of one time, either may be taken first: the rows are older than all that they join.
  const rowsMs = beginMs - 1;
  const table = producer.to(texts(setup.table), { onBatch });
  for (let i = 0; i < KEYS; i++) {
    if (!table.enqueue(keys[i]!, values[i % VALUES]!, undefined, rowsMs)) await table.ready();
  }
  const input = producer.to(texts(setup.input), { onBatch });
  let state = SEED;
  for (let i = 0; i < records; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const key = keys[Math.floor((state / 2 ** 32) * KEYS)]!;
    const timeMs = beginMs + Math.floor((i / records) * HOUR_MS);
    if (!input.enqueue(key, values[i % VALUES]!, undefined, timeMs)) await input.ready();
  }
  await producer.flush();
}
