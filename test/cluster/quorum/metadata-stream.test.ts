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
  const take = (...records: KraftRecord[]) => {
    const at = tail.endOffset;
    tail.append(records.length === 0 ? leaderChange(at, 1) : batchOf(at, 1, records), 1);
    for (const batch of tail.takeCommitted(tail.endOffset)) it.take(batch);
  };
  return { sink, take, it, flush: (isCaughtUp = true) => it.flush(isCaughtUp) };
}

test('records are handed over at once and shown when all are there', () => {
  const { sink, take, flush } = stream();
  take(topic('a'), topic('b'));
  take(topic('c'));
  flush();
  expect(sink.take()).toEqual(['topic a', 'topic b', 'topic c', 'shown 2 of epoch 1']);
  flush();
  expect(sink.take()).toEqual([]);
});

test('nothing is shown before the node has caught up and saw a record', () => {
  const { sink, take, flush } = stream();
  take();
  flush();
  expect(sink.take()).toEqual([]);
  take(topic('a'));
  flush(false);
  expect(sink.take()).toEqual(['topic a']);
  flush();
  expect(sink.take()).toEqual(['shown 1 of epoch 1']);
});

test('a transaction is held back until it ends, over batches and over steps', () => {
  const { sink, take, flush } = stream();
  take(topic('a'), begin, topic('b'));
  flush();
  expect(sink.take()).toEqual(['topic a', 'shown 0 of epoch 1']);
  take(topic('c'));
  flush();
  expect(sink.take()).toEqual([]);
  take(end, topic('d'));
  flush();
  const all = ['topic b', 'topic c', 'topic d', 'shown 5 of epoch 1'];
  expect(sink.take()).toEqual(all);
});

test('an aborted transaction leaves nothing', () => {
  const { sink, take, flush } = stream();
  take(begin, topic('a'));
  take(abort, topic('b'));
  flush();
  expect(sink.take()).toEqual(['topic b', 'shown 3 of epoch 1']);
});

test('transactions that do not fit together are an error', () => {
  const nested = stream();
  expect(() => nested.take(begin, begin)).toThrow('begins inside another');
  expect(() => stream().take(end)).toThrow('a transaction ends that never began');
  expect(() => stream().take(abort)).toThrow('a transaction ends that never began');
});

test('a snapshot drops what was held and says that it takes the place of all', () => {
  const { sink, take, it } = stream();
  take(topic('a'), begin, topic('b'));
  it.flush(true);
  sink.take();
  const tail = new MetadataTail();
  tail.append(Buffer.concat([leaderChange(0, 0), batchOf(1, 0, [topic('c')])]), 0);
  const position = { offset: 99, epoch: 3, timestampMs: -1 };
  it.takeSnapshot(tail.takeCommitted(2), position);
  it.flush(true);
  expect(sink.take()).toEqual(['snapshot', 'topic c', 'shown 99 of epoch 3']);
});
