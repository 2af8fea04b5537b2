import { API } from '../../protocol/api-keys.ts';
import { KafkaError, throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminLink, Work } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { CoordinatorRoute } from './coordinator-route.ts';
import { everyBroker } from './every-broker.ts';
import type { GroupDescription } from './group-description.ts';
import {
  askAnyConsumers,
  askClassicGroups,
  askConsumerGroups,
  askShareGroups,
  askStreamsGroups,
  type DescribeRequest,
  groupText,
} from './group-requests.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';
import type { StreamsGroupDescription } from './streams-group.ts';

/** A group as the list of all has it. */
export interface ListedGroup {
  readonly groupId: string;
  /** 'classic', 'consumer', 'share' or 'streams'; '' from a broker that does not say. */
  readonly type: string;
  readonly protocolType: string;
  /** '' from a broker that does not say. */
  readonly state: string;
}

/** Which groups are listed; each empty list means all. Upper and lower case are the same. */
export interface GroupFilter {
  readonly states?: readonly string[];
  readonly types?: readonly string[];
  readonly protocolTypes?: readonly string[];
}

/** Who leaves a group: a static member by its instance, or any by its id. */
export type LeavingMember =
  | { readonly instanceId: string }
  | { readonly memberId: string; readonly instanceId?: string };

/** What became of each member that was to leave. */
export interface RemovedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly outcome: Outcome<null>;
}

export interface RemoveMembersOptions extends CallOptions {
  /** It stands in the broker's log. */
  readonly reason?: string;
}

const STATES_VERSION = 4;
const TYPES_VERSION = 5;
/** Requests about more would hold up their broker. */
const GROUPS_MAX = 500;
const REASON = 'removed by an administrator';
/** With which a heartbeat says that the member leaves. */
const LEAVE_EPOCH = -1;
const NO_ENDPOINTS = -1;

/** Groups of all types. */
export class GroupAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The groups of all brokers, by name. Throws where one of the brokers does not answer. */
  async list(filter: GroupFilter = {}, options?: CallOptions): Promise<ListedGroup[]> {
    const lists = await everyBroker(this.#link, 'groups', options, (connection) => {
      return listAt(connection, filter);
    });
    const groups = new Map(lists.flat().map((group) => [group.groupId, group]));
    return [...groups.values()].sort((one, other) => (one.groupId < other.groupId ? -1 : 1));
  }

  /** Groups of consumers by either protocol: those of KIP-848, and classic ones. */
  describe(
    groups: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, GroupDescription>> {
    return this.#describe(groups, options, askAnyConsumers);
  }

  /** Groups of the classic protocol, with their members. */
  describeClassic(
    groups: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, GroupDescription>> {
    return this.#describe(groups, options, askClassicGroups);
  }

  /** Groups of KIP-848, with their members and epochs. */
  describeConsumer(
    groups: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, GroupDescription>> {
    return this.#describe(groups, options, askConsumerGroups);
  }

  /** Share groups (KIP-932), with their members. */
  describeShare(
    groups: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, GroupDescription>> {
    return this.#describe(groups, options, askShareGroups);
  }

  /** Groups of Kafka Streams (KIP-1071), with their topologies. */
  describeStreams(
    groups: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, StreamsGroupDescription>> {
    return this.#describe(groups, options, askStreamsGroups);
  }

  /** Removes groups of any type that have no members, with their offsets. */
  delete(groups: readonly string[], options?: CallOptions): Promise<Outcomes<string, null>> {
    const work = {
      what: 'the deletion of groups',
      keys: groups,
      route: this.#coordinators(),
      subjectOf: groupText,
      ask: async (
        connection: Connection,
        asked: readonly string[],
        outcomes: Map<string, Outcome<null>>,
      ) => {
        const answer = await connection.ask(API.DELETE_GROUPS, { groupsNames: [...asked] });
        for (const { groupId, errorCode } of answer.results) {
          outcomes.set(
            groupId,
            outcomeOf(errorCode, null, groupText(groupId), () => null),
          );
        }
      },
    };
    return this.#link.run(work, options);
  }

  /** Makes members leave a classic or consumer group; all that there are without any named. */
  async removeMembers(
    group: string,
    members?: readonly LeavingMember[],
    options: RemoveMembersOptions = {},
  ): Promise<RemovedMember[]> {
    const leaving = members ?? (await this.#membersOf(group, options));
    if (leaving.length === 0) return [];
    const { reason = REASON } = options;
    const identities = leaving.map((each) => ({
      memberId: 'memberId' in each ? each.memberId : '',
      groupInstanceId: each.instanceId ?? null,
      reason,
    }));
    const work = {
      what: `the removal of members of group ${group}`,
      keys: [group],
      route: this.#coordinators(),
      subjectOf: groupText,
      ask: async (
        connection: Connection,
        _: readonly string[],
        outcomes: Map<string, Outcome<RemovedMember[]>>,
      ) => {
        const body = { groupId: group, members: identities };
        const answer = await connection.ask(API.LEAVE_GROUP, body);
        const value = () =>
          answer.members.map(({ memberId, groupInstanceId: instanceId, errorCode }) => {
            const subject = `member ${instanceId ?? memberId} of group ${group}`;
            const outcome = outcomeOf(errorCode, null, subject, () => null);
            return { memberId, instanceId, outcome };
          });
        outcomes.set(group, outcomeOf(answer.errorCode, null, groupText(group), value));
      },
    };
    return this.#link.runOne(work, options);
  }

  /** Makes members leave a group of Kafka Streams (KIP-1071), where `removeMembers` is refused. */
  async removeStreamsMembers(
    group: string,
    memberIds: readonly string[],
    options?: CallOptions,
  ): Promise<RemovedMember[]> {
    const removed: RemovedMember[] = [];
    for (const memberId of memberIds) {
      const outcomes = await this.#link.run(this.#leaving(group, memberId), options);
      removed.push({ memberId, instanceId: null, outcome: outcomes.get(group)! });
    }
    return removed;
  }

  /** A member leaves with a heartbeat, and nobody asks who sends it. */
  #leaving(group: string, memberId: string): Work<string, null> {
    const subject = `member ${memberId} of group ${group}`;
    return {
      what: `the removal of ${subject}`,
      keys: [group],
      route: this.#coordinators(),
      subjectOf: () => subject,
      ask: async (connection, _, outcomes) => {
        const answer = await connection.ask(API.STREAMS_GROUP_HEARTBEAT, {
          groupId: group,
          memberId,
          memberEpoch: LEAVE_EPOCH,
          endpointInformationEpoch: NO_ENDPOINTS,
        });
        const { errorCode, errorMessage } = answer;
        outcomes.set(
          group,
          outcomeOf(errorCode, errorMessage, subject, () => null),
        );
      },
    };
  }

  async #membersOf(group: string, options: CallOptions): Promise<LeavingMember[]> {
    const described = (await this.describe([group], options)).get(group);
    if (described instanceof KafkaError) throw described;
    return (described?.members ?? []).map(({ memberId, instanceId }) => {
      return instanceId === null ? { memberId } : { instanceId };
    });
  }

  #describe<Description>(
    groups: readonly string[],
    options: CallOptions | undefined,
    request: DescribeRequest<Description>,
  ): Promise<Outcomes<string, Description>> {
    const { network } = this.#link.cluster;
    const work = {
      what: 'the description of groups',
      keys: groups,
      route: this.#coordinators(),
      subjectOf: groupText,
      ask: async (
        connection: Connection,
        asked: readonly string[],
        outcomes: Map<string, Outcome<Description>>,
      ) => {
        const { address } = connection;
        const id = network.idAt(address);
        const node = network.nodes.get(id) ?? { id, rack: null, ...address };
        await request(connection, asked, node, outcomes);
      },
    };
    return this.#link.run(work, options);
  }

  #coordinators(): CoordinatorRoute {
    const { cluster } = this.#link;
    return new CoordinatorRoute(cluster, cluster.groups, GROUPS_MAX);
  }
}

async function listAt(connection: Connection, filter: GroupFilter): Promise<ListedGroup[]> {
  const { states = [], types = [], protocolTypes = [] } = filter;
  const answer = await connection.ask(API.LIST_GROUPS, (version) => ({
    statesFilter: version < STATES_VERSION ? [] : [...states],
    typesFilter: version < TYPES_VERSION ? [] : [...types],
  }));
  throwAnswerError(answer.errorCode, null, 'list of groups');
  const listed = answer.groups.map((each) => ({
    groupId: each.groupId,
    type: each.groupType.toLowerCase(),
    protocolType: each.protocolType,
    state: each.groupState,
  }));
  // Older brokers ignore the filters and send all groups. A group without a state or type passes.
  return listed.filter(({ state, type, protocolType }) => {
    const isWanted = protocolTypes.length === 0 || protocolTypes.includes(protocolType);
    return isWanted && fits(states, state) && fits(types, type);
  });
}

function fits(wanted: readonly string[], value: string): boolean {
  if (wanted.length === 0 || value === '') return true;
  return wanted.some((each) => each.toLowerCase() === value.toLowerCase());
}
