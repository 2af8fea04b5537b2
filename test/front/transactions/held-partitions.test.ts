import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import {
  type HeldServices,
  readHeldPartitions,
} from '../../../src/front/transactions/held-partitions.ts';
import { TransactionWriters } from '../../../src/front/transactions/transaction-writers.ts';
import type { LogReader } from '../../../src/log/log-reader.ts';
import { OUTCOME } from '../../../src/log/outcome.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';

/** Five seconds after the batch at offset 90 was made. */
const START_MS = 95_000;
const CALL = { clientId: 'app', connection: { clientAddress: '10.0.0.1' } };
let partitions: Partitions;
let mirrors: PartitionMirror[];
let services: HeldServices;
/** The producers that hold partitions, by slot. */
let holders: Map<number, number>;

/** A log whose batch at each offset was made at a thousand times the offset. */
class TimedReader {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  length = 0;

  readTouched(offset: number): number {
    this.bytes = buildBatch([{ value: Buffer.from('x'), timestamp: 1000 * offset }]);
    this.length = this.bytes.length;
    return OUTCOME.OK;
  }
}

beforeEach(() => {
  partitions = new Partitions();
  mirrors = [0, 1, 2].map((index) => {
    const mirror = new PartitionMirror(index, 0, 'topic', 'id', index, '', 0);
    mirror.known = true;
    mirror.limits.highWatermark.set(100, 0, 0);
    mirror.limits.lastStable.set(100, 0, 0);
    mirror.reader = new TimedReader() as unknown as LogReader;
    return mirror;
  });
  const config = {} as never;
  const topic = { name: 'topic', id: 'id', internal: false, config };
  partitions.add({ ...topic, partitions: mirrors, held: mirrors });
  holders = new Map();
  services = {
    clock: new ManualClock(START_MS),
    partitions,
    loader: { load: async () => undefined },
    workers: {
      control: async (_worker: number, { slot }: { slot: number }) => {
        const producerId = holders.get(slot);
        const firstOffset = mirrors[slot]!.lastStableOffset;
        const holder =
          producerId === undefined ? null : { producerId, producerEpoch: 2, firstOffset };
        return { error: 0, holder };
      },
    },
    transactionWriters: new TransactionWriters(),
  } as unknown as HeldServices;
});

function hold(index: number, lastStable: number, producerId: number): void {
  mirrors[index]!.limits.lastStable.set(lastStable, 0, 0);
  holders.set(index, producerId);
}

test('no partition is held where all transactions have ended', async () => {
  expect(await readHeldPartitions(services)).toEqual([]);
});

test('a held partition tells its transaction, since when, and whose it is', async () => {
  services.transactionWriters.note(7, 'txn', CALL);
  hold(1, 60, 7);
  expect(await readHeldPartitions(services)).toEqual([
    {
      topic: 'topic',
      partition: 1,
      lastStableOffset: 60,
      highWatermark: 100,
      producerId: 7,
      producerEpoch: 2,
      sinceMs: 60_000,
      writer: { transactionalId: 'txn', clientId: 'app', address: '10.0.0.1' },
    },
  ]);
});

test('the oldest comes first, and one that has ended meanwhile does not come', async () => {
  hold(0, 80, 8);
  hold(1, 60, 7);
  hold(2, 50, 9);
  holders.delete(2);
  const held = await readHeldPartitions(services);
  expect(held.map(({ partition, sinceMs }) => [partition, sinceMs])).toEqual([
    [1, 60_000],
    [0, 80_000],
  ]);
  expect(held[0]!.writer).toBeNull();
});

test('a transaction of less than five seconds holds nothing yet', async () => {
  hold(0, 90, 7);
  hold(1, 91, 8);
  const held = await readHeldPartitions(services);
  expect(held.map(({ partition }) => partition)).toEqual([0]);
});

test('the start of a transaction that retention took is not known', async () => {
  hold(0, 60, 7);
  mirrors[0]!.logStartOffset = 61;
  expect((await readHeldPartitions(services))[0]!.sinceMs).toBeNull();
});
