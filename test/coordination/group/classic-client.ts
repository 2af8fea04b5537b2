import { ERROR } from '../../../src/base/kafka-errors.ts';
import {
  readAssignment,
  readSubscription,
  writeAssignment,
} from '../../../src/coordination/group/classic/consumer-protocol.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { JoinGroupResponse } from '../../../src/protocol/schema/11-join-group.ts';
import type { SyncGroupResponse } from '../../../src/protocol/schema/14-sync-group.ts';
import { type Harness, subscription } from './harness.ts';

export interface ClassicClientOptions {
  readonly partitions: number;
  readonly instanceId?: string | null;
  readonly isCooperative?: boolean;
}

/** A consumer's subscription, version 1, that tells what is owned. */
export function subscriptionOwning(partitions: readonly number[]): Buffer {
  const base = subscription(['topic']);
  base.writeInt16BE(1, 0);
  const owned = partitions.length === 0 ? [] : [{ topic: 'topic', partitions: [...partitions] }];
  return Buffer.concat([base, writeAssignment(owned, 0).subarray(2, -4)]);
}

/**
 * A client of the classic protocol: an eager one gives everything up before it joins again, a
 * cooperative one what it is told to. It leads where it must.
 */
export class ClassicClient {
  readonly harness: Harness;
  readonly instanceId: string | null;
  memberId = '';
  generationId = -1;
  /** 'topic id:partition' */
  owned = new Set<string>();
  readonly #partitions: number;
  readonly #isCooperative: boolean;
  #join = -1;
  #sync = -1;
  #mustJoin = true;

  constructor(harness: Harness, options: ClassicClientOptions) {
    this.harness = harness;
    this.instanceId = options.instanceId ?? null;
    this.#partitions = options.partitions;
    this.#isCooperative = options.isCooperative ?? false;
  }

  /** Does what is next: reads an answer, or joins, or heartbeats. */
  act(): void {
    if (this.#join !== -1) this.#readJoin();
    else if (this.#sync !== -1) this.#readSync();
    else if (this.#mustJoin) this.#sendJoin();
    else this.#heartbeat();
  }

  /** The broker went away: what was asked for is asked for again. */
  disconnect(): void {
    if (this.#join !== -1 || this.#sync !== -1) this.#mustJoin = true;
    this.#join = -1;
    this.#sync = -1;
  }

  leave(): void {
    this.owned.clear();
    this.harness.call(API.LEAVE_GROUP, 5, {
      groupId: 'group',
      memberId: '',
      members: [{ memberId: this.memberId, groupInstanceId: this.instanceId, reason: null }],
    });
  }

  #sendJoin(): void {
    if (!this.#isCooperative) this.owned.clear();
    const metadata = subscriptionOwning([...this.owned].map((name) => Number(name.split(':')[1])));
    this.#join = this.harness.join({
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      protocols: [{ name: 'range', metadata }],
    });
    this.#readJoin();
  }

  #readJoin(): void {
    const body = this.harness.answers.get(this.#join) as JoinGroupResponse | undefined;
    if (body === undefined) return;
    this.#join = -1;
    if (body.errorCode === ERROR.MEMBER_ID_REQUIRED) this.memberId = body.memberId;
    else if (body.errorCode !== ERROR.NONE) this.#fail(body.errorCode);
    if (body.errorCode !== ERROR.NONE) return;
    this.memberId = body.memberId;
    this.generationId = body.generationId;
    this.#sync = this.harness.sync({
      memberId: this.memberId,
      groupInstanceId: this.instanceId,
      generationId: this.generationId,
      assignments: body.skipAssignment ? [] : this.#shareOut(body.members),
    });
    this.#readSync();
  }

  /** Round robin. What another member still has is given to nobody until that one gave it up. */
  #shareOut(members: JoinGroupResponse['members']) {
    const holders = new Map<number, string[]>();
    for (const { memberId, metadata } of members) {
      for (const { partitions } of readSubscription(metadata)!.ownedPartitions) {
        for (const p of partitions) holders.set(p, [...(holders.get(p) ?? []), memberId]);
      }
    }
    return members.map(({ memberId }, rank) => {
      const partitions = Array.from({ length: this.#partitions }, (_, p) => p).filter((p) => {
        const isFree = (holders.get(p) ?? []).every((holder) => holder === memberId);
        return p % members.length === rank && isFree;
      });
      return { memberId, assignment: writeAssignment([{ topic: 'topic', partitions }], 1) };
    });
  }

  #readSync(): void {
    const body = this.harness.answers.get(this.#sync) as SyncGroupResponse | undefined;
    if (body === undefined) return;
    this.#sync = -1;
    if (body.errorCode !== ERROR.NONE) {
      this.#fail(body.errorCode);
      return;
    }
    const topicId = this.harness.topics.topicId('topic');
    const assigned = readAssignment(body.assignment)?.assignedPartitions ?? [];
    const names = assigned.flatMap(({ partitions }) => partitions.map((p) => `${topicId}:${p}`));
    const before = this.owned;
    this.owned = new Set(names);
    this.#mustJoin = [...before].some((name) => !this.owned.has(name));
  }

  #heartbeat(): void {
    const { memberId, generationId, instanceId } = this;
    const errorCode = this.harness.heartbeat(memberId, generationId, instanceId);
    if (errorCode !== ERROR.NONE) this.#fail(errorCode);
  }

  #fail(errorCode: number): void {
    this.#mustJoin = true;
    if (errorCode === ERROR.REBALANCE_IN_PROGRESS) return;
    this.owned.clear();
    if (errorCode !== ERROR.ILLEGAL_GENERATION) this.memberId = '';
  }
}
