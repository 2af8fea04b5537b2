import type * as api from '../../../protocol/schema/88-streams-group-heartbeat.ts';
import type { TopicView } from '../topic-view.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import { sourcesOf } from './streams-topology.ts';
import type { TaskIds } from './tasks.ts';
import { toTaskIds } from './tasks.ts';

type EndpointPartitions = api.StreamsGroupHeartbeatResponseEndpointToPartitions;
type Partitions = EndpointPartitions['activePartitions'];

/** Who answers queries of which partitions; `member` comes last, as it will be. */
export function partitionsByEndpoint(
  group: StreamsGroup,
  member: StreamsMember,
  topics: TopicView,
): EndpointPartitions[] {
  const others = [...group.members.values()].filter(({ memberId }) => memberId !== member.memberId);
  const found: EndpointPartitions[] = [];
  for (const { endpoint, owned } of [...others, member]) {
    if (endpoint === null) continue;
    found.push({
      userEndpoint: { host: endpoint.host, port: endpoint.port },
      activePartitions: partitionsOf(group, toTaskIds(owned.active), topics),
      standbyPartitions: partitionsOf(group, toTaskIds(owned.standby), topics),
    });
  }
  return found;
}

/** A task has a partition of every source topic of its subtopology that is large enough. */
function partitionsOf(
  { configured }: StreamsGroup,
  tasks: readonly TaskIds[],
  topics: TopicView,
): Partitions {
  const found: Partitions = [];
  for (const { subtopologyId, partitions } of tasks) {
    const subtopology = configured?.subtopologies?.get(subtopologyId);
    if (subtopology === undefined) continue;
    for (const topic of sourcesOf(subtopology)) {
      const count = topics.partitionCount(topic);
      // As in Kafka: of a smaller topic the first tasks have a partition each.
      const some = count < partitions.length ? partitions.slice(0, count) : partitions;
      found.push({ topic, partitions: some });
    }
  }
  return found;
}
