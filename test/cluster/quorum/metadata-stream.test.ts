import { expect, test } from 'vitest';
import { MetadataStream } from '../../../src/cluster/quorum/metadata-stream.ts';
import { MetadataTail } from '../../../src/cluster/quorum/metadata-tail.ts';
import type { KraftRecord } from '../../../src/protocol/metadata-record-table.ts';
import { batchOf, kraft, leaderChange, topic } from '../kraft-records.ts';
import { RecordingSink } from '../recording-sink.ts';

const begin = kraft('beginTransaction');
const end = kraft('endTransaction');
const abort = kraft('abortTransaction');

/** A stream, and how to give it the next batch. */
function stream() {
  const sink = new RecordingSink();
  const tail = new MetadataTail();
  const it = new MetadataStream(sink);
  const take = async (...records: KraftRecord[]) => {
    const at = tail.endOffset;
    tail.append(records.length === 0 ? leaderChange(at, 1) : batchOf(at, 1, records), 1);
    for (const batch of tail.takeCommitted(tail.endOffset)) await it.take(batch);
  };
  return { sink, take, it, flush: (isCaughtUp = true) => it.flush(isCaughtUp) };
}

test('records are handed over at once and shown when all are there', async () => {
  const { sink, take, flush } = stream();
  await take(topic('a'), topic('b'));
  await take(topic('c'));
  await flush();
  expect(sink.take()).toEqual(['topic a', 'topic b', 'topic c', 'shown 2 of epoch 1']);
  await flush();
  expect(sink.take()).toEqual([]);
});

test('nothing is shown before the node has caught up and saw a record', async () => {
  const { sink, take, flush } = stream();
  await take();
  await flush();
  expect(sink.take()).toEqual([]);
  await take(topic('a'));
  await flush(false);
  expect(sink.take()).toEqual(['topic a']);
  await flush();
  expect(sink.take()).toEqual(['shown 1 of epoch 1']);
});

test('a transaction is held back until it ends, over batches and over steps', async () => {
  const { sink, take, flush } = stream();
  await take(topic('a'), begin, topic('b'));
  await flush();
  expect(sink.take()).toEqual(['topic a', 'shown 0 of epoch 1']);
  await take(topic('c'));
  await flush();
  expect(sink.take()).toEqual([]);
  await take(end, topic('d'));
  await flush();
  const all = ['topic b', 'topic c', 'topic d', 'shown 5 of epoch 1'];
  expect(sink.take()).toEqual(all);
});

test('an aborted transaction leaves nothing', async () => {
  const { sink, take, flush } = stream();
  await take(begin, topic('a'));
  await take(abort, topic('b'));
  await flush();
  expect(sink.take()).toEqual(['topic b', 'shown 3 of epoch 1']);
});

test('transactions that do not fit together are an error', async () => {
  const nested = stream();
  await expect(nested.take(begin, begin)).rejects.toThrow('begins inside another');
  await expect(stream().take(end)).rejects.toThrow('a transaction ends that never began');
  await expect(stream().take(abort)).rejects.toThrow('a transaction ends that never began');
});

test('a snapshot drops what was held and says that it takes the place of all', async () => {
  const { sink, take, it } = stream();
  await take(topic('a'), begin, topic('b'));
  await it.flush(true);
  sink.take();
  const tail = new MetadataTail();
  tail.append(Buffer.concat([leaderChange(0, 0), batchOf(1, 0, [topic('c')])]), 0);
  const position = { offset: 99, epoch: 3, timestampMs: -1 };
  await it.takeSnapshot(tail.takeCommitted(2), position);
  await it.flush(true);
  expect(sink.take()).toEqual(['snapshot', 'topic c', 'shown 99 of epoch 3']);
});
