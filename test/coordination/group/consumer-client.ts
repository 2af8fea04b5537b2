import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from '../../../src/protocol/schema/68-consumer-group-heartbeat.ts';
import type { Harness } from './harness.ts';

interface ClientOptions {
  groupId?: string;
  instanceId?: string | null;
  topics?: string[];
  regex?: string | null;
  assignor?: string | null;
}

let made = 0;

/** A consumer of the new protocol, as simple as can be: it keeps to what it is told. */
export class ConsumerClient {
  readonly harness: Harness;
  readonly groupId: string;
  readonly instanceId: string | null;
  memberId: string;
  topics: string[];
  regex: string | null;
  assignor: string | null;
  epoch = 0;
  /** 'topic id:partition' */
  owned = new Set<string>();
  errorCode: number = ERROR.NONE;
  last: ConsumerGroupHeartbeatResponse | null = null;
  #isChanged = false;

  constructor(harness: Harness, options: ClientOptions = {}) {
    this.harness = harness;
    this.groupId = options.groupId ?? 'group';
    this.instanceId = options.instanceId ?? null;
    this.topics = options.topics ?? ['topic'];
    this.regex = options.regex ?? null;
    this.assignor = options.assignor ?? null;
    this.memberId = `member-${++made}`;
  }

  send(fields: Partial<ConsumerGroupHeartbeatRequest> = {}): ConsumerGroupHeartbeatResponse {
    const body = this.harness.call<ConsumerGroupHeartbeatResponse>(
      API.CONSUMER_GROUP_HEARTBEAT,
      1,
      {
        groupId: this.groupId,
        memberId: this.memberId,
        memberEpoch: this.epoch,
        instanceId: this.instanceId,
        rackId: null,
        rebalanceTimeoutMs: -1,
        subscribedTopicNames: null,
        subscribedTopicRegex: null,
        serverAssignor: null,
        topicPartitions: null,
        ...fields,
      },
    );
    this.last = body;
    this.errorCode = body.errorCode;
    return body;
  }

  /** Joins, heartbeats or rejoins, and does at once what it is told. */
  heartbeat(more: Partial<ConsumerGroupHeartbeatRequest> = {}): this {
    const isJoin = this.epoch === 0;
    const fields: Partial<ConsumerGroupHeartbeatRequest> = isJoin
      ? {
          rebalanceTimeoutMs: 60_000,
          subscribedTopicNames: this.regex === null ? this.topics : [],
          subscribedTopicRegex: this.regex,
          serverAssignor: this.assignor,
          topicPartitions: [],
        }
      : { topicPartitions: this.#isChanged ? this.report() : null };
    this.#isChanged = false;
    const body = this.send({ ...fields, ...more });
    if (body.errorCode !== ERROR.NONE) {
      this.epoch = 0;
      this.owned.clear();
      return this;
    }
    this.epoch = body.memberEpoch;
    if (body.assignment !== null) {
      this.owned = new Set(
        body.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
          partitions.map((partition) => `${topicId}:${partition}`),
        ),
      );
      this.#isChanged = true;
    }
    return this;
  }

  leave(): this {
    this.send({ memberEpoch: this.instanceId === null ? -1 : -2 });
    this.epoch = 0;
    this.owned.clear();
    return this;
  }

  report(): { topicId: string; partitions: number[] }[] {
    const topics = new Map<string, number[]>();
    for (const name of this.owned) {
      const [topicId, partition] = name.split(':') as [string, string];
      topics.set(topicId, [...(topics.get(topicId) ?? []), Number(partition)]);
    }
    return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }));
  }

  /** The partitions of a topic that it holds, in order. */
  partitions(topic: string): number[] {
    const topicId = this.harness.topics.topicId(topic);
    return [...this.owned]
      .filter((name) => name.startsWith(`${topicId}:`))
      .map((name) => Number(name.split(':')[1]))
      .sort((one, other) => one - other);
  }
}

/** Lets all clients heartbeat until nothing changes any more. */
export function settle(clients: readonly ConsumerClient[], rounds = 12): void {
  for (let round = 0; round < rounds; round++) {
    clients[0]?.harness.advance(1_000);
    for (const client of clients) client.heartbeat();
  }
}
