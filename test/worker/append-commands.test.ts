import { beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import type { FrontProxy } from '../../src/exchange/front-proxy.ts';
import { NO_TICKET } from '../../src/exchange/messages.ts';
import { AckWaiters } from '../../src/partition/ack-waiters.ts';
import type { Partition } from '../../src/partition/partition.ts';
import { AppendCommands } from '../../src/worker/append-commands.ts';
import type { HostedPartition, PartitionHost } from '../../src/worker/partition-host.ts';

const SLOT = 3;
const ACKS_ALL = -1;

/** A partition that takes every batch as one record; its high watermark is moved by hand. */
class FakePartition {
  slot = SLOT;
  highWatermark = 0;
  refusal = 0;
  requiredEnd = 0;
  appendedBaseOffset = -1;
  appendTimeMs = -1;
  error = 0;
  readonly role = { lacksReplicas: false, lacksMaximal: false, replication: null };

  append(): number {
    if (this.error !== 0) return this.error;
    this.appendedBaseOffset = this.requiredEnd++;
    return 0;
  }
}

let partition: FakePartition;
let hosted: HostedPartition;
let isOpen: boolean;
let sent: unknown[][];
let commands: AppendCommands;

beforeEach(() => {
  partition = new FakePartition();
  isOpen = true;
  sent = [];
  const known = partition as unknown as Partition;
  hosted = {
    slot: SLOT,
    topic: 'orders',
    index: 0,
    partition: known,
    waiters: new AckWaiters(known),
    commit: { isSyncing: false, start() {}, succeed() {}, fail() {} },
    flush: { isSyncing: false, start: () => Number.POSITIVE_INFINITY, succeed() {}, fail() {} },
    space: { isShort: false },
    isTouched: false,
    isUntold: false,
  } as unknown as HostedPartition;
  const host = {
    hosted: (slot: number) => (slot === SLOT ? hosted : undefined),
  } as unknown as PartitionHost;
  const front = {
    partition: (state: { slot: number }, ...words: number[]) => sent.push([state.slot, ...words]),
  } as unknown as FrontProxy;
  const open = () => (isOpen ? known : null);
  commands = new AppendCommands(host, front, open);
});

function append(ticket: number, acks: number, slot = SLOT): void {
  commands.append(slot, ticket, 0, acks, 13, Buffer.alloc(0), 0, 0, 1000);
}

describe('an append', () => {
  it('with acks=1 is answered at once, with the offset that it got', () => {
    append(7, 1);
    append(8, 1);
    expect(sent).toEqual([
      [SLOT, 7, 0, 0, 0, -1],
      [SLOT, 8, 0, 0, 1, -1],
    ]);
  });

  it('with acks=all waits for the high watermark, and the sync that raises it answers', () => {
    append(7, ACKS_ALL);
    append(8, ACKS_ALL);
    expect(sent).toEqual([]);
    partition.highWatermark = 1;
    commands.synced(SLOT, 0);
    expect(sent.filter(([, ticket]) => ticket !== NO_TICKET)).toEqual([[SLOT, 7, 0, 0, 0, -1]]);
  });

  it('to a partition that is not there, or does not open, is refused', () => {
    append(7, 1, 99);
    hosted.partition = null;
    isOpen = false;
    append(8, 1);
    expect(sent).toEqual([
      [-1, 7, 0, ERROR.UNKNOWN_TOPIC_OR_PARTITION, -1, -1],
      [-1, 8, 0, ERROR.KAFKA_STORAGE_ERROR, -1, -1],
    ]);
  });

  it('that nobody waits for is told once a batch', () => {
    append(NO_TICKET, 0);
    append(NO_TICKET, 0);
    expect(sent).toEqual([]);
    commands.afterBatch(0);
    expect(sent).toEqual([[SLOT, NO_TICKET, 0, 0, -1, -1]]);
  });

  it('that waits is answered when its partition goes, and not again', () => {
    append(7, ACKS_ALL);
    commands.abandon([SLOT, 99]);
    expect(sent).toEqual([[-1, 7, 0, ERROR.UNKNOWN_TOPIC_OR_PARTITION, -1, -1]]);
    partition.highWatermark = 1;
    commands.synced(SLOT, 0);
    expect(sent.filter(([, ticket]) => ticket === 7)).toHaveLength(1);
  });

  it('that waits is refused where the partition takes no more', () => {
    append(7, ACKS_ALL);
    partition.refusal = ERROR.KAFKA_STORAGE_ERROR;
    commands.settle([SLOT]);
    commands.afterBatch(0);
    expect(sent).toEqual([[SLOT, 7, 0, ERROR.KAFKA_STORAGE_ERROR, -1, -1]]);
  });
});
