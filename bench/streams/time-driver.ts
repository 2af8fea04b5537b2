/** How long the test driver takes for records that go into sliding windows. */
import { text, topic } from 'millrace/client';
import { int64, StreamsBuilder, sliding, timeWindowed } from 'millrace/streams';
import { TestDriver } from 'millrace/streams/testing';

const RECORDS = 20_000;
const KEYS = 1_000;
const STEP_MS = 10;
const DIFFERENCE = '60s';
const DIFFERENCE_MS = 60_000;

export function timeDriver(): { readonly driverMs: number } {
  const input = topic('input', { key: text, value: text });
  const output = topic('output', { key: timeWindowed(text, DIFFERENCE_MS), value: int64 });
  const builder = new StreamsBuilder();
  builder
    .stream(input)
    .groupByKey()
    .windowedBy(sliding(DIFFERENCE))
    .count({ as: 'counts' })
    .toStream()
    .to(output);
  const fromMs = performance.now();
  using driver = new TestDriver(builder);
  const writer = driver.input(input, { advanceMs: STEP_MS });
  for (let i = 0; i < RECORDS; i++) writer.send({ key: `key-${i % KEYS}`, value: 'value' });
  const driverMs = performance.now() - fromMs;
  const held = driver.records(output.name).length;
  if (held < RECORDS) throw new Error(`${held} updates came out of ${RECORDS} records`);
  return { driverMs };
}
