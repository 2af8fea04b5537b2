import { expect, test } from 'vitest';
import { PostingSink } from '../../../src/cluster/channel/posting-sink.ts';
import { RecordsWindow } from '../../../src/cluster/channel/records-window.ts';
import { MetadataStream } from '../../../src/cluster/quorum/metadata-stream.ts';
import { MetadataTail } from '../../../src/cluster/quorum/metadata-tail.ts';
import { until } from '../../support/until.ts';
import { batchOf, topic } from '../kraft-records.ts';

/** A snapshot that is handed to a front which takes nothing by itself. */
function handingOver(topics: number) {
  const posted: string[] = [];
  let records = 0;
  const window = new RecordsWindow();
  const sink = new PostingSink((message) => {
    posted.push(message.kind);
    if (message.kind === 'records') records += message.records.length;
  }, window);
  const tail = new MetadataTail();
  const all = Array.from({ length: topics }, (_, i) => topic(`topic-${i}`));
  tail.append(batchOf(0, 1, all), 1);
  const batches = tail.takeCommitted(topics);
  const stream = new MetadataStream(sink);
  const position = { offset: topics - 1, epoch: 1, timestampMs: 0 };
  const taken = stream.takeSnapshot(batches, position);
  const count = () => posted.filter((kind) => kind === 'records').length;
  return { window, taken, count, records: () => records };
}

test('records wait until the front has taken those before them', async () => {
  const { window, taken, count, records } = handingOver(2100);
  await until('two messages are there', async () => count() === 2);
  window.taken();
  await until('a third is there', async () => count() === 3);
  await Promise.resolve();
  expect(count()).toBe(3);
  window.taken();
  window.taken();
  window.taken();
  await taken;
  expect(count()).toBe(5);
  expect(records()).toBe(2100);
});

test('nothing waits any more where the thread stops', async () => {
  const { window, taken, count } = handingOver(2100);
  await until('two messages are there', async () => count() === 2);
  window.open();
  await taken;
  expect(count()).toBe(5);
});
