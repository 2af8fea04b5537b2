import { API } from '../../protocol/api-keys.ts';
import type { ListGroupsResponse } from '../../protocol/schema/16-list-groups.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { CoordinatorKind } from '../coordinator-kind.ts';
import type { CoordinatorParts } from './coordinator-state.ts';
import { refuseGroupRequest } from './refusals.ts';
import { GroupShard } from './shard.ts';

const GROUP_APIS: ReadonlySet<number> = new Set([
  API.OFFSET_COMMIT,
  API.OFFSET_FETCH,
  API.JOIN_GROUP,
  API.HEARTBEAT,
  API.LEAVE_GROUP,
  API.SYNC_GROUP,
  API.DESCRIBE_GROUPS,
  API.LIST_GROUPS,
  API.TXN_OFFSET_COMMIT,
  API.DELETE_GROUPS,
  API.OFFSET_DELETE,
  API.CONSUMER_GROUP_HEARTBEAT,
  API.CONSUMER_GROUP_DESCRIBE,
  API.STREAMS_GROUP_HEARTBEAT,
  API.STREAMS_GROUP_DESCRIBE,
]);

const READING_APIS: ReadonlySet<number> = new Set([
  API.OFFSET_FETCH,
  API.HEARTBEAT,
  API.DESCRIBE_GROUPS,
  API.LIST_GROUPS,
  API.CONSUMER_GROUP_DESCRIBE,
  API.STREAMS_GROUP_DESCRIBE,
]);

/** The coordinators of consumer groups. */
export class GroupKind implements CoordinatorKind<GroupShard> {
  readonly holds = 'groups';
  readonly topic = '__consumer_offsets';
  readonly apiKeys = GROUP_APIS;
  readonly #parts: CoordinatorParts;

  constructor(parts: CoordinatorParts) {
    this.#parts = parts;
  }

  newShard(): GroupShard {
    return new GroupShard(this.#parts);
  }

  /** A group keeps the subscription and the assignment of its classic members. */
  keepsBytes(apiKey: number): boolean {
    return apiKey === API.JOIN_GROUP || apiKey === API.SYNC_GROUP;
  }

  writes(apiKey: number): boolean {
    return !READING_APIS.has(apiKey);
  }

  refuse(apiKey: number, version: number, request: object, errorCode: number): object | null {
    return refuseGroupRequest(apiKey, version, request, errorCode);
  }

  /** Groups of partitions that are loaded are listed, with the error of those that are not. */
  merge(_apiKey: number, answers: readonly object[]): Unthrottled<ListGroupsResponse> {
    const merged: Unthrottled<ListGroupsResponse> = { errorCode: 0, groups: [] };
    for (const { errorCode, groups } of answers as readonly ListGroupsResponse[]) {
      if (errorCode !== 0) merged.errorCode = errorCode;
      merged.groups.push(...groups);
    }
    return merged;
  }
}
