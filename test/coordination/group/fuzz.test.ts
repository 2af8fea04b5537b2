import { describe, expect, it } from 'vitest';
import { MillraceError } from '../../../src/base/errors.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { codecFor } from '../../../src/protocol/api-registry.ts';
import { decodeRequest, encodeRequest, encodeResponse } from '../../../src/protocol/frames.ts';
import { topicInfo } from '../../support/told-topology.ts';
import { Harness, seeded, subscription } from './harness.ts';
import { subtopology } from './streams-client.ts';

/** Makes requests that are well formed and senseless, from few words so that they meet. */
class Monkey {
  readonly harness = new Harness({ consumerAssignmentIntervalMs: () => 0, maxSize: 5 });
  readonly random: () => number;
  readonly #versions = new Map<number, number>();
  readonly #seen = ['', 'm', 'client-id1'];

  constructor(seed: number) {
    this.random = seeded(seed);
    for (const name of ['topic', 'other']) this.harness.topics.add(name, 3);
  }

  of<T>(...choices: T[]): T {
    return choices[Math.floor(this.random() * choices.length)]!;
  }

  get group(): string {
    return this.of('a', 'b', 'b', 'c', '');
  }

  get member(): string {
    return this.of(...this.#seen.slice(-12));
  }

  get instance(): string | null {
    return this.of(null, null, null, 'i', 'j', '');
  }

  get number(): number {
    return this.of(-2, -1, 0, 1, 1, 2, 3, 2_147_483_647, -2_147_483_648);
  }

  get metadata(): Buffer {
    const good = subscription(this.of(['topic'], ['other'], ['topic', 'other'], []));
    return this.of(good, good, good, good.subarray(0, 5), Buffer.alloc(0), Buffer.alloc(9, 0x7f));
  }

  get topicId(): string {
    const { topics } = this.harness;
    return this.of(topics.topicId('topic')!, topics.topicId('other')!, 'AAAAAAAAAAAAAAAAAAAAAA');
  }

  get identity() {
    return { groupId: this.group, memberId: this.member, groupInstanceId: this.instance };
  }

  get owned() {
    return this.of(null, [], [{ topicId: this.topicId, partitions: [this.number, 0] }]);
  }

  get protocols() {
    const one = () => ({ name: this.of('range', 'sticky', ''), metadata: this.metadata });
    return this.of([], [one()], [one(), one()]);
  }

  get commits() {
    return [
      {
        name: this.of('topic', 'other', 'none'),
        topicId: this.topicId,
        partitions: [
          {
            partitionIndex: this.number,
            committedOffset: this.number,
            committedLeaderEpoch: this.number,
            committedMetadata: this.of(null, '', 'x'.repeat(5_000)),
          },
        ],
      },
    ];
  }

  request(apiKey: ApiKey, version: number): object {
    const topics = [{ name: 'topic', topicId: this.topicId, partitionIndexes: [0, this.number] }];
    const memberEpoch = this.number;
    switch (apiKey) {
      case API.JOIN_GROUP:
        return {
          ...this.identity,
          sessionTimeoutMs: this.of(6_000, 10_000, 0, -1),
          rebalanceTimeoutMs: this.number,
          protocolType: this.of('consumer', 'consumer', 'connect', ''),
          protocols: this.protocols,
          reason: null,
        };
      case API.SYNC_GROUP:
        return {
          ...this.identity,
          generationId: this.number,
          protocolType: this.of('consumer', null),
          protocolName: this.of('range', 'sticky', null),
          assignments: [{ memberId: this.member, assignment: this.metadata }],
        };
      case API.HEARTBEAT:
        return { ...this.identity, generationId: this.number };
      case API.LEAVE_GROUP:
        return version < 3
          ? { groupId: this.group, memberId: this.member }
          : { groupId: this.group, members: [this.identity, this.identity] };
      case API.OFFSET_COMMIT:
        return {
          ...this.identity,
          generationIdOrMemberEpoch: this.number,
          retentionTimeMs: version < 5 ? this.number : -1,
          topics: this.commits,
        };
      case API.OFFSET_FETCH:
        return version < 8
          ? { groupId: this.group, topics, requireStable: version === 7 }
          : {
              groups: [{ groupId: this.group, memberId: this.of(null, 'm'), memberEpoch, topics }],
              requireStable: true,
            };
      case API.CONSUMER_GROUP_HEARTBEAT:
        return {
          groupId: this.group,
          memberId: this.member,
          memberEpoch: this.of(0, 0, memberEpoch),
          instanceId: this.instance,
          rackId: this.of(null, 'r'),
          rebalanceTimeoutMs: this.of(-1, 60_000, this.number),
          subscribedTopicNames: this.of(null, [], ['topic'], ['other', 'other']),
          subscribedTopicRegex: version < 1 ? null : this.of(null, '', '.*', '(', 't(o|p)+ic'),
          serverAssignor: this.of(null, 'range', 'odd'),
          topicPartitions: this.owned,
        };
      case API.STREAMS_GROUP_HEARTBEAT:
        return this.streams(memberEpoch);
      default:
        return this.administrative(apiKey);
    }
  }

  streams(memberEpoch: number): object {
    const isJoin = this.random() < 0.5;
    const internal = () => [topicInfo(this.of('topic', 'store', 'more'), this.of(0, 0, -1, 3))];
    const pieces = this.of(
      [subtopology('0', ['topic'])],
      [subtopology('0', ['topic'], { changelogs: ['store'] })],
      [
        subtopology('0', this.of(['other'], ['none'], []), {
          repartitionSinkTopics: this.of([], ['more']),
          stateChangelogTopics: this.of([], internal()),
        }),
        subtopology(this.of('0', '1'), [], {
          repartitionSourceTopics: this.of([], internal()),
          copartitionGroups: [
            { sourceTopics: this.of([], [7]), sourceTopicRegex: [], repartitionSourceTopics: [0] },
          ],
        }),
      ],
    );
    const tasks = this.of(null, [], [{ subtopologyId: '0', partitions: [this.number, 0] }]);
    return {
      groupId: this.group,
      memberId: this.member,
      memberEpoch: isJoin ? 0 : memberEpoch,
      endpointInformationEpoch: this.number,
      rebalanceTimeoutMs: isJoin ? 60_000 : this.of(-1, this.number),
      topology: isJoin ? { epoch: this.of(0, 0, 0, this.number), subtopologies: pieces } : null,
      activeTasks: isJoin ? [] : tasks,
      standbyTasks: isJoin || tasks !== null ? [] : null,
      warmupTasks: isJoin || tasks !== null ? [] : null,
      processId: this.of(null, 'p', 'q'),
      userEndpoint: this.of(null, { host: 'h', port: 1 }),
      clientTags: this.of(null, [{ key: 'k', value: 'v' }]),
      shutdownApplication: this.random() < 0.02,
    };
  }

  administrative(apiKey: ApiKey): object {
    switch (apiKey) {
      case API.DELETE_GROUPS:
        return { groupsNames: this.of(['c'], [this.group]) };
      case API.OFFSET_DELETE:
        return {
          groupId: this.group,
          topics: [{ name: 'topic', partitions: [{ partitionIndex: this.number }] }],
        };
      case API.LIST_GROUPS:
        return {};
      case API.DESCRIBE_GROUPS:
        return { groups: [this.group], includeAuthorizedOperations: false };
      default:
        return { groupIds: [this.group], includeAuthorizedOperations: false };
    }
  }

  step(apiKey: ApiKey): void {
    const { lowestVersion, latestVersion } = codecFor(apiKey);
    const span = latestVersion - lowestVersion + 1;
    const version = lowestVersion + Math.floor(this.random() * span);
    const bytes = this.encoded(apiKey, version);
    if (bytes === null) return;
    const body = decodeRequest(apiKey, version, bytes).body as object;
    const ticket = this.harness.send(apiKey, version, body);
    this.#versions.set(ticket, (apiKey << 8) | version);
    if (this.random() < 0.3) this.harness.advance(Math.floor(this.random() * 4_000));
    this.#check();
  }

  /** Null for a request that cannot be said in this version. */
  encoded(apiKey: ApiKey, version: number): Buffer | null {
    const header = { correlationId: 1, clientId: 'client' };
    try {
      return encodeRequest(apiKey, version, header, this.request(apiKey, version) as never);
    } catch (thrown) {
      if (thrown instanceof MillraceError && thrown.message.includes('cannot carry')) return null;
      throw thrown;
    }
  }

  /** Every answer so far must have a form on the wire. */
  #check(): void {
    for (const [ticket, body] of this.harness.answers) {
      const packed = this.#versions.get(ticket)!;
      this.harness.answers.delete(ticket);
      this.#versions.delete(ticket);
      encodeResponse((packed >> 8) as ApiKey, packed & 0xff, 1, {
        throttleTimeMs: 0,
        ...body,
      } as never);
      if ('memberId' in body && typeof body.memberId === 'string') this.#seen.push(body.memberId);
    }
  }

  get unanswered(): number {
    return this.#versions.size;
  }
}

const APIS: readonly ApiKey[] = [
  API.JOIN_GROUP,
  API.JOIN_GROUP,
  API.JOIN_GROUP,
  API.SYNC_GROUP,
  API.SYNC_GROUP,
  API.HEARTBEAT,
  API.LEAVE_GROUP,
  API.OFFSET_COMMIT,
  API.OFFSET_COMMIT,
  API.OFFSET_FETCH,
  API.CONSUMER_GROUP_HEARTBEAT,
  API.CONSUMER_GROUP_HEARTBEAT,
  API.STREAMS_GROUP_HEARTBEAT,
  API.STREAMS_GROUP_HEARTBEAT,
  API.STREAMS_GROUP_HEARTBEAT,
  API.STREAMS_GROUP_DESCRIBE,
  API.CONSUMER_GROUP_DESCRIBE,
  API.DESCRIBE_GROUPS,
  API.LIST_GROUPS,
  API.OFFSET_DELETE,
  API.DELETE_GROUPS,
];

describe('a shard that is sent nonsense', () => {
  it.each([41, 42, 43, 44])('answers all of it and stays whole (seed %i)', (seed) => {
    const monkey = new Monkey(seed);
    const { harness } = monkey;
    for (let step = 0; step < 4_000; step++) {
      monkey.step(monkey.of(...APIS));
      if (step % 500 === 0) harness.reload(harness.compacted());
    }
    expect(monkey.unanswered).toBe(harness.shard.parkedCount);
    harness.advance(3_600_000);
    expect(harness.shard.parkedCount).toBe(0);
    for (const group of harness.shard.groups()) expect(group.memberCount).toBe(0);
    const reloaded = harness.reload(harness.compacted());
    expect(reloaded.groupCount).toBe(harness.shard.groupCount);
  });
});
