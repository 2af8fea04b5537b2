import { ManualClock } from '../../../src/base/clock.ts';
import type { ReadLimits } from '../../../src/base/read-limits.ts';
import type { ControlAnswer, ControlCommand } from '../../../src/exchange/control.ts';
import {
  PARTITION_BYTES,
  PARTITION_DOUBLES,
  PARTITION_WORDS,
} from '../../../src/exchange/messages.ts';
import type { FetchServices } from '../../../src/front/fetch/fetch-services.ts';
import { FetchSessions } from '../../../src/front/fetch/fetch-sessions.ts';
import { PendingFetch } from '../../../src/front/fetch/pending-fetch.ts';
import { RackAwareFetch } from '../../../src/front/fetch/rack-aware-fetch.ts';
import { ReplicaFetch } from '../../../src/front/fetch/replica-fetch.ts';
import type { Call } from '../../../src/front/net/call.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import type { ReplicaThrottle } from '../../../src/front/partitions/replica-throttle.ts';
import type { LogReader } from '../../../src/log/log-reader.ts';
import { OUTCOME } from '../../../src/log/outcome.ts';
import type { FetchRequest, FetchResponse } from '../../../src/protocol/schema/01-fetch.ts';
import { noQuotas } from '../../support/no-quotas.ts';

const VERSION = 12;
const LEADER = 1;
const FOLLOWER = 2;
export const BATCH_BYTES = 100;

/** A log of batches of one record and 100 bytes each. It counts what it is asked for. */
class CountingReader {
  readonly limits: ReadLimits;
  readCount = 0;
  sumCount = 0;
  outcome: number = OUTCOME.OK;
  /** What readAborted() answers and finds. */
  abortedOutcome: number = OUTCOME.OK;
  aborted: { producerId: number; firstOffset: number }[] = [];
  bytes = Buffer.alloc(0);
  start = 0;
  length = 0;

  constructor(limits: ReadLimits) {
    this.limits = limits;
  }

  read(offset: number, bytesMax: number, atLeastOne: boolean, limit: { offset: number }): number {
    this.readCount++;
    const batches = Math.min(limit.offset - offset, Math.floor(bytesMax / BATCH_BYTES));
    this.length = Math.max(batches, atLeastOne ? 1 : 0) * BATCH_BYTES;
    this.bytes = Buffer.alloc(this.length);
    return this.outcome;
  }

  availableBytes(offset: number, limit: { offset: number }): number {
    this.sumCount++;
    if (this.outcome !== OUTCOME.OK) return Number.MAX_SAFE_INTEGER;
    return (limit.offset - offset) * BATCH_BYTES;
  }

  readAborted(): number {
    return this.abortedOutcome;
  }

  setEnd(): void {}
}

export interface Asked {
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly maxWaitMs?: number;
  readonly partitionBytes?: number;
  readonly isolationLevel?: number;
  readonly sessionId?: number;
  readonly sessionEpoch?: number;
  /** Of each partition. */
  readonly fetchOffset?: number;
  readonly currentLeaderEpoch?: number;
  readonly lastFetchedEpoch?: number;
}

export interface Fetching {
  readonly call: Call;
  /** Null until it is answered. */
  response: FetchResponse | null;
  failure: unknown;
}

/** What a fetch sees of a broker: one topic whose partitions grow when the test says so. */
export class FrontOfFetches {
  readonly partitions = new Partitions();
  readonly sessions = new FetchSessions(10);
  readonly clock = new ManualClock(0);
  throttle: ReplicaThrottle | null = null;
  /** What the worker is asked, and what it answers. */
  readonly commands: ControlCommand[] = [];
  answer: (command: ControlCommand) => Promise<ControlAnswer> = async (command) => {
    const { fetches } = command as ControlCommand<'replicas-fetched'>;
    return { error: 0, errors: fetches.map(() => 0) };
  };
  readonly mirrors: PartitionMirror[];
  readonly readers: CountingReader[];
  stopping = false;
  /** Consumers may be sent to followers. */
  readsByRack = true;
  /** Of the consumers' fetches. */
  version = VERSION;
  /** The brokers whose replicas are in sync, and the racks of brokers. */
  inSync = [LEADER, FOLLOWER];
  readonly racks = new Map([[LEADER, 'a']]);
  /** What `loader.load` does. */
  load: (mirror: PartitionMirror) => Promise<void> = async () => {};
  readonly #fetchings = new Map<Call, Fetching>();

  constructor(partitionCount: number) {
    this.mirrors = Array.from({ length: partitionCount }, (_, index) => {
      return new PartitionMirror(index, 0, 'topic', 'id', index, '/nowhere', 0);
    });
    this.readers = this.mirrors.map(({ limits }) => new CountingReader(limits));
    for (const [i, mirror] of this.mirrors.entries()) {
      mirror.reader = this.readers[i] as unknown as LogReader;
    }
    for (const mirror of this.mirrors) mirror.isLeader = true;
    this.partitions.add(this.#topic());
  }

  #topic() {
    const partitions = this.mirrors;
    const config = {} as never;
    return { name: 'topic', id: 'id', internal: false, config, partitions, held: partitions };
  }

  /** The worker tells of a partition; watchers hear at `drained`. */
  grow(index: number, end: number, lastStable = end, highWatermark = end): void {
    const memory = new ArrayBuffer(PARTITION_BYTES);
    const doubles = new Float64Array(memory);
    new Int32Array(memory)[PARTITION_WORDS.SLOT] = index;
    doubles[PARTITION_DOUBLES.LOG_END] = end;
    doubles[PARTITION_DOUBLES.HIGH_WATERMARK] = highWatermark;
    doubles[PARTITION_DOUBLES.LAST_STABLE] = lastStable;
    this.partitions.applyState(new Int32Array(memory), doubles, 0);
  }

  drained(): void {
    this.partitions.notifyWatchers();
  }

  deleteTopic(): void {
    this.partitions.remove(this.#topic());
  }

  get readCount(): number {
    return this.readers.reduce((sum, { readCount }) => sum + readCount, 0);
  }

  get watcherCount(): number {
    return this.mirrors.filter(({ isWatched }) => isWatched).length;
  }

  /** A consumer fetches all partitions, from offset 0 on. */
  fetch(asked: Asked = {}): Fetching {
    const { request, fetching } = this.#begin(asked);
    const plan = this.sessions.plan(request, VERSION);
    new PendingFetch(fetching.call, request, plan, this.#services()).start();
    return fetching;
  }

  /** The same of a consumer in a rack, which may be sent to followers. */
  fetchNear(rackId: string, asked: Asked = {}): Fetching {
    const { request, fetching } = this.#begin({ maxWaitMs: 0, ...asked });
    const plan = this.sessions.plan(request, VERSION);
    const near = { ...request, rackId };
    new RackAwareFetch(fetching.call, near, plan, this.#services()).start();
    return fetching;
  }

  /** The same of a follower. */
  follow(asked: Asked = {}, isAllowed = true): Fetching {
    const { request, fetching } = this.#begin(asked);
    const plan = this.sessions.ofFollowers.plan(request, VERSION);
    const { clock, throttle: leaderThrottle } = this;
    const services = { ...this.#services(), clock, leaderThrottle };
    const follower = { id: FOLLOWER, brokerEpoch: 20, isAllowed };
    new ReplicaFetch(fetching.call, request, plan, services, follower).start();
    return fetching;
  }

  #begin(asked: Asked): { request: FetchRequest; fetching: Fetching } {
    const request = {
      minBytes: 1,
      maxBytes: 1_000_000,
      maxWaitMs: 60_000,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      forgottenTopicsData: [],
      topics: this.#askedTopics(asked),
      ...asked,
    } as unknown as FetchRequest;
    const connection = { closed: false };
    const call = { apiVersion: this.version, connection, throttleTimeMs: 0 } as unknown as Call;
    const fetching: Fetching = { call, response: null, failure: null };
    this.#fetchings.set(call, fetching);
    return { request, fetching };
  }

  #askedTopics(asked: Asked) {
    const partitions = this.mirrors.map(({ index }) => ({
      partition: index,
      fetchOffset: asked.fetchOffset ?? 0,
      partitionMaxBytes: asked.partitionBytes ?? 1_000_000,
      currentLeaderEpoch: asked.currentLeaderEpoch ?? -1,
      lastFetchedEpoch: asked.lastFetchedEpoch ?? -1,
      logStartOffset: 0,
    }));
    return [{ topic: 'topic', topicId: 'id', partitions }];
  }

  #topicsById() {
    const partitions = this.mirrors.map(({ index, leaderEpoch }) => {
      return { index, leader: LEADER, leaderEpoch, inSyncReplicas: this.inSync };
    });
    return new Map([['id', { partitions }]]);
  }

  #services(): FetchServices {
    return {
      settings: {
        limits: { fetchBytesMax: 1_000_000 },
        cluster: { readsByRack: this.readsByRack },
      },
      partitions: this.partitions,
      metadata: { image: { topicsByName: new Map(), topicsById: this.#topicsById() } },
      endpoints: {
        nodeFor: (nodeId: number) => {
          const rack = this.racks.get(nodeId);
          return rack === undefined ? null : { nodeId, host: 'host', port: 9092, rack };
        },
      },
      workers: {
        control: (_worker: number, command: ControlCommand) => {
          this.commands.push(command);
          return this.answer(command);
        },
      },
      loader: { load: (mirror: PartitionMirror) => this.load(mirror) },
      metrics: { fetched() {} },
      kafka: { stopping: this.stopping },
      rights: { allows: () => true },
      throttling: noQuotas,
      replies: {
        reply: (call: Call, response: FetchResponse) => {
          this.#fetchings.get(call)!.response = response;
        },
        readFailure: () => 56,
        fail: (call: Call, thrown: unknown) => {
          this.#fetchings.get(call)!.failure = thrown;
        },
      },
    } as unknown as FetchServices;
  }
}
