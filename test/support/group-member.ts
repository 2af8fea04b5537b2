import { API } from '../../src/protocol/api-keys.ts';
import type { JoinGroupResponse } from '../../src/protocol/schema/11-join-group.ts';
import type { WireClient } from './wire-client.ts';

const METADATA = Buffer.from('subscription');

/** A member of a classic group, as far as the tests need one. */
export class GroupMember {
  memberId = '';
  generationId = -1;
  readonly #client: WireClient;
  readonly #groupId: string;

  constructor(client: WireClient, groupId: string) {
    this.#client = client;
    this.#groupId = groupId;
  }

  async join(version = 9): Promise<JoinGroupResponse> {
    const request = {
      groupId: this.#groupId,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId: this.memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: METADATA }],
      reason: null,
    };
    const answer = await this.#client.ask(API.JOIN_GROUP, version, request);
    this.memberId = answer.memberId;
    this.generationId = answer.generationId;
    return answer;
  }

  /** Joins, with the member id that the coordinator asks for, and takes an assignment. */
  async enter(version = 9): Promise<void> {
    const MEMBER_ID_REQUIRED = 79;
    let answer = await this.join(version);
    if (answer.errorCode === MEMBER_ID_REQUIRED) answer = await this.join(version);
    if (answer.errorCode !== 0) throw new Error(`JoinGroup: error ${answer.errorCode}`);
    const assignments = answer.members.map(({ memberId }) => {
      return { memberId, assignment: Buffer.from(`for ${memberId}`) };
    });
    const synced = await this.#client.ask(API.SYNC_GROUP, 5, {
      ...this.#identity(),
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'range',
      assignments,
    });
    if (synced.errorCode !== 0) throw new Error(`SyncGroup: error ${synced.errorCode}`);
    if (synced.assignment.toString() !== `for ${this.memberId}`) {
      throw new Error(`a wrong assignment: ${synced.assignment}`);
    }
  }

  #identity() {
    const { memberId, generationId } = this;
    return { groupId: this.#groupId, memberId, generationId };
  }

  async heartbeat(version = 4): Promise<number> {
    const request = { ...this.#identity(), groupInstanceId: null };
    return (await this.#client.ask(API.HEARTBEAT, version, request)).errorCode;
  }

  async commit(topic: string, committedOffset: number, version = 9): Promise<number> {
    const { groupId, memberId, generationId } = this.#identity();
    const partitions = [{ partitionIndex: 0, committedOffset, committedMetadata: 'note' }];
    const answer = await this.#client.ask(API.OFFSET_COMMIT, version, {
      groupId,
      memberId,
      generationIdOrMemberEpoch: generationId,
      topics: [{ name: topic, partitions }],
    });
    return answer.topics[0]!.partitions[0]!.errorCode;
  }

  async leave(): Promise<number> {
    const members = [{ memberId: this.memberId, groupInstanceId: null, reason: null }];
    const request = { groupId: this.#groupId, members };
    return (await this.#client.ask(API.LEAVE_GROUP, 5, request)).errorCode;
  }
}

/** What a group has committed for partition 0 of a topic; -1 for nothing. */
export async function committed(
  client: WireClient,
  groupId: string,
  topic: string,
  version = 9,
): Promise<number> {
  const topics = [{ name: topic, partitionIndexes: [0] }];
  if (version < 8) {
    const answer = await client.ask(API.OFFSET_FETCH, version, { groupId, topics });
    if (answer.errorCode !== 0) throw new Error(`OffsetFetch: error ${answer.errorCode}`);
    return answer.topics[0]!.partitions[0]!.committedOffset;
  }
  const answer = await client.ask(API.OFFSET_FETCH, version, {
    groups: [{ groupId, topics }],
    requireStable: false,
  });
  const [group] = answer.groups;
  if (group!.errorCode !== 0) throw new Error(`OffsetFetch: error ${group!.errorCode}`);
  return group!.topics[0]!.partitions[0]!.committedOffset;
}
