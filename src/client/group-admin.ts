import { ERROR } from '../base/kafka-errors.ts';
import { API } from '../protocol/api-keys.ts';
import type { BrokerNode, Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import type { Coordinators } from './coordinators.ts';
import {
  type DescribedGroup,
  describeClassicGroup,
  describeConsumerGroup,
  type GroupMember,
} from './group-description.ts';
import { onlyAnswer } from './only-answer.ts';
import { isResponseError, refuseError } from './response-error.ts';

export interface ListedGroup {
  readonly groupId: string;
  /** 'classic', 'consumer', 'share' or 'streams'; '' from a broker that does not say. */
  readonly type: string;
  readonly protocolType: string;
  readonly state: string;
}

export type { GroupMember };

export interface GroupDescription extends DescribedGroup {
  readonly coordinator: BrokerNode;
}

export interface GroupFilter {
  readonly states?: readonly string[];
  readonly types?: readonly string[];
}

const STATES_VERSION = 4;
const TYPES_VERSION = 5;

/** Consumer groups of both protocols. */
export class GroupAdmin {
  readonly #cluster: Cluster;
  readonly #coordinators: Coordinators;

  constructor(cluster: Cluster, coordinators: Coordinators) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
  }

  /** The groups of all brokers, by name. */
  async list(filter: GroupFilter = {}): Promise<ListedGroup[]> {
    const groups = new Map<string, ListedGroup>();
    for (const node of await this.#cluster.nodes()) {
      for (const group of await listAt(await this.#cluster.at(node), filter)) {
        groups.set(group.groupId, group);
      }
    }
    const listed = [...groups.values()];
    return listed.sort((one, other) => (one.groupId < other.groupId ? -1 : 1));
  }

  async describe(group: string): Promise<GroupDescription> {
    const described = await this.#coordinators.run(group, async (connection) => {
      return (await askConsumerGroup(connection, group)) ?? askClassicGroup(connection, group);
    });
    return { ...described, coordinator: await this.#coordinators.find(group) };
  }

  /** Null where there is no such group. */
  async find(group: string): Promise<GroupDescription | null> {
    try {
      return await this.describe(group);
    } catch (thrown) {
      if (isResponseError(thrown, ERROR.GROUP_ID_NOT_FOUND)) return null;
      throw thrown;
    }
  }

  /** Removes a group without members, with its offsets. */
  async delete(group: string): Promise<void> {
    await this.#coordinators.run(group, async (connection) => {
      const answer = await connection.ask(API.DELETE_GROUPS, { groupsNames: [group] });
      const subject = `group ${group}`;
      refuseError(onlyAnswer(answer.results, subject).errorCode, null, subject);
    });
  }
}

async function listAt(connection: Connection, filter: GroupFilter): Promise<ListedGroup[]> {
  const states = filter.states ?? [];
  const types = filter.types ?? [];
  const answer = await connection.ask(API.LIST_GROUPS, (version) => ({
    statesFilter: version < STATES_VERSION ? [] : [...states],
    typesFilter: version < TYPES_VERSION ? [] : [...types],
  }));
  refuseError(answer.errorCode, null, 'list of groups');
  const listed = answer.groups.map((each) => ({
    groupId: each.groupId,
    type: each.groupType.toLowerCase(),
    protocolType: each.protocolType,
    state: each.groupState,
  }));
  // Older brokers ignore the filters and send all groups. A group without a state or type passes.
  return listed.filter(({ state, type }) => fits(states, state) && fits(types, type));
}

function fits(wanted: readonly string[], value: string): boolean {
  if (wanted.length === 0 || value === '') return true;
  return wanted.some((each) => each.toLowerCase() === value.toLowerCase());
}

/** Null where the group is not one of the new protocol. */
async function askConsumerGroup(
  connection: Connection,
  group: string,
): Promise<DescribedGroup | null> {
  if (!connection.serves(API.CONSUMER_GROUP_DESCRIBE)) return null;
  const answer = await connection.ask(API.CONSUMER_GROUP_DESCRIBE, {
    groupIds: [group],
    includeAuthorizedOperations: false,
  });
  const found = onlyAnswer(answer.groups, `group ${group}`);
  const other: readonly number[] = [ERROR.GROUP_ID_NOT_FOUND, ERROR.UNSUPPORTED_VERSION];
  if (other.includes(found.errorCode)) return null;
  refuseError(found.errorCode, found.errorMessage, `group ${group}`);
  return describeConsumerGroup(found);
}

async function askClassicGroup(connection: Connection, group: string): Promise<DescribedGroup> {
  const answer = await connection.ask(API.DESCRIBE_GROUPS, {
    groups: [group],
    includeAuthorizedOperations: false,
  });
  const found = onlyAnswer(answer.groups, `group ${group}`);
  // Before version 6 a group that is not there is described as a dead one.
  const missing = found.errorCode === ERROR.NONE && found.groupState === 'Dead';
  const errorCode = missing ? ERROR.GROUP_ID_NOT_FOUND : found.errorCode;
  refuseError(errorCode, found.errorMessage, `group ${group}`);
  return describeClassicGroup(found);
}
