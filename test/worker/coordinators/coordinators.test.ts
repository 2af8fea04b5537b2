import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { FrontProxy } from '../../../src/exchange/front-proxy.ts';
import { ALL_SLOTS } from '../../../src/exchange/messages.ts';
import type { Partition } from '../../../src/partition/partition.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { codecFor, type RequestOf } from '../../../src/protocol/api-registry.ts';
import { decodeMessage, encodeMessage } from '../../../src/protocol/message-bytes.ts';
import { recordCount } from '../../../src/records/batch-layout.ts';
import { LONE_NODE } from '../../../src/replication/replication-context.ts';
import { Coordinators } from '../../../src/worker/coordinators/coordinators.ts';
import { GroupCommands } from '../../../src/worker/groups/group-commands.ts';
import { KnownTopics } from '../../../src/worker/groups/known-topics.ts';
import type { PartitionHost } from '../../../src/worker/partition-host.ts';

const OFFSETS = '__consumer_offsets';
const JOIN_VERSION = 5;
const LIST_VERSION = 4;
const JOIN = {
  groupId: 'group',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.alloc(10) }],
  reason: null,
};

/** A log that is nothing but its ends. */
function emptyPartition() {
  const partition = {
    log: {
      directory: '',
      segments: () => [],
      logStartOffset: 0,
      logEndOffset: 0,
      end: { offset: 0, segmentBase: 0, position: 0 },
    },
    offlineReason: '',
    role: { lacksReplicas: false, replication: null },
    refusal: 0,
    highWatermark: 0,
    logEndOffset: 0,
    appendOwn(batch: Buffer): number {
      partition.logEndOffset += recordCount(batch, 0);
      partition.highWatermark = partition.logEndOffset;
      return 0;
    },
  };
  return partition;
}

function hostedAt(slot: number, topic: string) {
  const settings = { segmentBytes: 1_000_000 };
  return { slot, topic, index: slot, partition: emptyPartition(), recoveryPoint: 0, settings };
}

let answers: Map<number, Buffer>;
let failing: Set<number>;
let ledElsewhere: Set<number>;
let clock: ManualClock;
let opened: number[];
let coordinators: Coordinators;
let groups: GroupCommands;

beforeEach(() => {
  answers = new Map();
  failing = new Set();
  ledElsewhere = new Set();
  opened = [];
  clock = new ManualClock(1_000_000);
  const hosted = [hostedAt(0, OFFSETS), hostedAt(1, OFFSETS), hostedAt(2, 'other')];
  const host = {
    replication: LONE_NODE,
    partitions: () => hosted.values(),
    hosted: (slot: number) => hosted[slot],
  };
  const front = {
    coordinated: (ticket: number, body: Buffer) => void answers.set(ticket, Buffer.from(body)),
  };
  coordinators = new Coordinators({
    host: host as unknown as PartitionHost,
    front: front as unknown as FrontProxy,
    clock,
    logger: silentLogger,
    open: (slot) => {
      if (failing.has(slot)) return null;
      const refusal = ERROR.NOT_LEADER_OR_FOLLOWER;
      if (ledElsewhere.has(slot)) return { refusal } as unknown as Partition;
      opened.push(slot);
      return hosted[slot]!.partition as unknown as Partition;
    },
    appended: () => undefined,
  });
  groups = new GroupCommands(coordinators, new KnownTopics());
});

function ask<Key extends ApiKey>(
  ticket: number,
  slot: number,
  key: Key,
  version: number,
  request: RequestOf<Key>,
): void {
  const body = encodeMessage(codecFor(key).request.schema, version, request as never);
  const call = { slot, apiKey: key, apiVersion: version, clientId: 'c', clientHost: '/h', body };
  coordinators.coordinate(ticket, call);
  coordinators.afterBatch();
}

function joinAnswer(ticket: number) {
  return decodeMessage(
    codecFor(API.JOIN_GROUP).response.schema,
    JOIN_VERSION,
    answers.get(ticket)!,
  );
}

function listed(ticket: number) {
  const request = { statesFilter: [], typesFilter: [] };
  ask(ticket, ALL_SLOTS, API.LIST_GROUPS, LIST_VERSION, request);
  const { schema } = codecFor(API.LIST_GROUPS).response;
  const { errorCode, groups: found } = decodeMessage(schema, LIST_VERSION, answers.get(ticket)!);
  return { errorCode, groupIds: found.map(({ groupId }) => groupId).sort() };
}

test('one answer lists the groups of all partitions, with the error of one that cannot load', () => {
  ask(1, 0, API.JOIN_GROUP, JOIN_VERSION, { ...JOIN, groupId: 'a' });
  ask(2, 1, API.JOIN_GROUP, JOIN_VERSION, { ...JOIN, groupId: 'b' });
  expect(listed(3)).toEqual({ errorCode: 0, groupIds: ['a', 'b'] });
  failing.add(1);
  coordinators.close([1]);
  ask(4, 1, API.JOIN_GROUP, JOIN_VERSION, JOIN);
  const errorCode = ERROR.COORDINATOR_NOT_AVAILABLE;
  expect(joinAnswer(4).errorCode).toBe(errorCode);
  expect(listed(5)).toEqual({ errorCode, groupIds: ['a'] });
});

test('groups are listed without those of partitions that another broker leads', () => {
  ask(1, 0, API.JOIN_GROUP, JOIN_VERSION, { ...JOIN, groupId: 'a' });
  ledElsewhere.add(1);
  expect(listed(2)).toEqual({ errorCode: 0, groupIds: ['a'] });
  coordinators.close([0]);
  ledElsewhere.add(0);
  expect(listed(3)).toEqual({ errorCode: 0, groupIds: [] });
});

test('a parked request is answered NOT_COORDINATOR when its partition leaves', () => {
  ask(1, 0, API.JOIN_GROUP, JOIN_VERSION, JOIN);
  const { memberId, errorCode } = joinAnswer(1);
  expect(errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
  ask(2, 0, API.JOIN_GROUP, JOIN_VERSION, { ...JOIN, memberId });
  expect(answers.has(2)).toBe(false);
  coordinators.close([0]);
  expect(joinAnswer(2).errorCode).toBe(ERROR.NOT_COORDINATOR);
  expect(groups.summaries()).toEqual([]);
});

test('a request for a partition of another topic is answered NOT_COORDINATOR', () => {
  ask(1, 2, API.JOIN_GROUP, JOIN_VERSION, JOIN);
  ask(2, 9, API.JOIN_GROUP, JOIN_VERSION, JOIN);
  expect([joinAnswer(1).errorCode, joinAnswer(2).errorCode]).toEqual([
    ERROR.NOT_COORDINATOR,
    ERROR.NOT_COORDINATOR,
  ]);
});

test('an API of no coordinator, and bytes that are no request, get the empty answer', () => {
  const call = { slot: 0, apiVersion: 5, clientId: '', clientHost: '', body: Buffer.of(1) };
  coordinators.coordinate(1, { ...call, apiKey: API.PRODUCE });
  coordinators.coordinate(2, { ...call, apiKey: API.JOIN_GROUP });
  expect([answers.get(1)?.length, answers.get(2)?.length]).toEqual([0, 0]);
});

test('a coordinator whose log did not open at the start is loaded when it does, unasked', () => {
  const run = () => coordinators.runTimers(clock.monotonicMs());
  failing.add(0).add(1);
  clock.advance(2000);
  expect(run()).toBe(5000);
  expect(opened).toEqual([]);
  failing.delete(1);
  clock.advance(5000);
  expect(run()).toBe(5000);
  expect(opened).toEqual([1]);
  failing.delete(0);
  clock.advance(5000);
  run();
  expect(opened).toEqual([1, 0]);
});
