import type { Admin } from '../../client/admin/admin.ts';
import type { ListedGroup } from '../../client/admin/group-admin.ts';
import type { GroupDescription } from '../../client/admin/group-description.ts';
import { required } from '../../client/admin/outcome.ts';
import type { StreamsGroupDescription } from '../../client/admin/streams-group.ts';
import { isKafkaError, KafkaError } from '../../client/errors/kafka-error.ts';
import { internalTopicsOf } from './internal-topics.ts';

/** A group of an application: by the streams protocol (KIP-1071), or a classic one. */
export type StreamsGroup = StreamsGroupDescription | GroupDescription;

/** The assignors that Kafka Streams and millrace/streams name in classic groups. */
const ASSIGNORS = ['stream', 'millrace-streams'];

export function isStreamsType(group: StreamsGroup): group is StreamsGroupDescription {
  return group.type === 'streams';
}

/**
 * The groups of applications. A classic group is one where its members say so; without members, one
 * that internal topics are named after.
 */
export async function listApplications(admin: Admin): Promise<ListedGroup[]> {
  const groups = await admin.groups.list();
  const classic = groups.filter(({ type, protocolType }) => {
    const isConsumers = protocolType === 'consumer' || protocolType === '';
    return isConsumers && (type === 'classic' || type === '');
  });
  const described = await admin.groups.describeClassic(classic.map(({ groupId }) => groupId));
  const names = groups.map(({ groupId }) => groupId);
  const topics = (await admin.topics.list()).map(({ name }) => name);
  return groups.filter(({ groupId, type }) => {
    if (type === 'streams') return true;
    const group = described.get(groupId);
    if (group === undefined || group instanceof KafkaError) return false;
    if (ASSIGNORS.includes(group.assignor)) return true;
    if (group.members.length > 0) return false;
    const { own } = internalTopicsOf(groupId, topics, names);
    return own.length > 0;
  });
}

/** By the streams protocol where the group and its broker know it, else as a classic group. */
export async function describeApplication(
  admin: Admin,
  groupId: string,
): Promise<StreamsGroup | null> {
  const streams = await describeAsStreams(admin, groupId);
  if (streams !== null) return streams;
  const outcome = (await admin.groups.describe([groupId])).get(groupId);
  return isKafkaError(outcome, 'GROUP_ID_NOT_FOUND') ? null : required(outcome);
}

async function describeAsStreams(
  admin: Admin,
  groupId: string,
): Promise<StreamsGroupDescription | null> {
  try {
    const outcome = (await admin.groups.describeStreams([groupId])).get(groupId);
    const isOther = isKafkaError(outcome, 'GROUP_ID_NOT_FOUND', 'UNSUPPORTED_VERSION');
    return isOther ? null : required(outcome);
  } catch (thrown) {
    // A broker before 4.1 does not know the request.
    if (isKafkaError(thrown, 'UNSUPPORTED_VERSION')) return null;
    throw thrown;
  }
}

/** The description of a streams group as of one of consumers: who reads which partitions. */
export function asConsumers(group: StreamsGroup): GroupDescription {
  if (!isStreamsType(group)) return group;
  const sources = new Map(
    group.subtopologies.map((each) => {
      const repartitioned = each.repartitionSourceTopics.map(({ name }) => name);
      return [each.subtopologyId, [...each.sourceTopics, ...repartitioned]];
    }),
  );
  const { groupId, state, groupEpoch, assignmentEpoch, coordinator } = group;
  return {
    groupId,
    type: 'consumer',
    protocolType: 'streams',
    state,
    assignor: '',
    groupEpoch,
    assignmentEpoch,
    coordinator,
    members: group.members.map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rackId: member.rackId,
      memberEpoch: member.memberEpoch,
      subscribedTopics: [],
      assignment: member.assignment.active.flatMap(({ subtopologyId, partitions }) => {
        return (sources.get(subtopologyId) ?? []).map((topic) => ({ topic, partitions }));
      }),
      targetAssignment: null,
    })),
  };
}
