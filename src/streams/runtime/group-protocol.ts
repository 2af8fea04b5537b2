import type { Admin } from '../../client/admin/admin.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import { sourcesOf } from '../tasks/partition-counts.ts';
import type { TopologyPlan } from '../topology/topology-plan.ts';
import type { GroupProtocol } from './group-reader.ts';
import type { StreamsSettings } from './streams-options.ts';

const FEATURE = 'streams.version';

/**
 * The protocol of the application's group. By itself it is the streams protocol where the cluster
 * has it, unless the application asks for what no coordinator of Kafka 4.3 does, or other instances
 * of it are members of a classic group now.
 */
export async function chooseProtocol(
  admin: Admin,
  plan: TopologyPlan,
  settings: StreamsSettings,
): Promise<GroupProtocol> {
  const { groupProtocol, applicationId } = settings;
  if (groupProtocol === 'classic') return 'classic';
  const hasStreams = await servesStreams(admin);
  if (groupProtocol === 'streams') {
    if (hasStreams) return 'streams';
    const what = `option 'groupProtocol': the cluster has no ${FEATURE}`;
    throw new KafkaError('UNSUPPORTED_VERSION', `${what}; take 'classic', or enable it there`);
  }
  if (!hasStreams || wantsClassic(plan, settings)) return 'classic';
  const described = (await admin.groups.describeClassic([applicationId])).get(applicationId);
  const hasMembers = !(described instanceof KafkaError) && (described?.members.length ?? 0) > 0;
  return hasMembers ? 'classic' : 'streams';
}

async function servesStreams(admin: Admin): Promise<boolean> {
  const { features } = await admin.cluster.features();
  return (features.get(FEATURE)?.finalized ?? 0) > 0;
}

/** Patterns, static members and copies that the application counts itself. */
function wantsClassic(plan: TopologyPlan, settings: StreamsSettings): boolean {
  const sources = plan.subtopologies.flatMap(sourcesOf);
  const hasPattern = sources.some(({ pattern }) => pattern !== undefined);
  const isStatic = (settings.consumer.groupInstanceId ?? null) !== null;
  return hasPattern || isStatic || settings.numStandbyReplicas > 0;
}
