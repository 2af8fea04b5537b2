import type { Logger } from '../../base/logger.ts';
import type { GroupSummary, LoweredOffset } from '../../exchange/group-messages.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { Workers } from '../partitions/workers.ts';

interface RecoveryServices {
  readonly logger: Logger;
  readonly partitions: Partitions;
  readonly workers: Workers;
}

const OFFSETS_PER_COMMAND = 1000;

/**
 * After a power loss a group's commit may be there while the records that it covers are lost. Such
 * a committed offset is lowered to the end of its log, and so is one that a transaction may commit.
 * Otherwise new records would get the lost offsets, and the group would skip them. Called after a
 * start without a clean mark, when all logs are open.
 */
export async function lowerOffsetsAfterCrash(services: RecoveryServices): Promise<void> {
  const { workers } = services;
  for (let worker = 0; worker < workers.workerCount; worker++) {
    const answer = await workers.control(worker, { kind: 'groups', load: true });
    const groups = answer.error === 0 ? answer.groups : [];
    const lowered = groups.flatMap((group) => beyondEnds(group, services));
    for (let from = 0; from < lowered.length; from += OFFSETS_PER_COMMAND) {
      const offsets = lowered.slice(from, from + OFFSETS_PER_COMMAND);
      await workers.control(worker, { kind: 'lower-offsets', offsets });
    }
  }
}

function beyondEnds(
  { groupId, offsets, pending }: GroupSummary,
  services: RecoveryServices,
): LoweredOffset[] {
  const lowered: LoweredOffset[] = [];
  for (const [topic, partition, offset] of [...offsets, ...pending]) {
    const mirror = services.partitions.topicByName(topic)?.partitions[partition];
    // Where others lead, or have replicas, the log here does not say where the records end.
    if (!mirror?.known || !mirror.isLeader || mirror.isShared) continue;
    if (mirror.offlineReason !== '') continue;
    const end = mirror.logEndOffset;
    if (offset <= end) continue;
    services.logger.warn(
      `recovery: group ${JSON.stringify(groupId)} had committed offset ${offset} of ` +
        `${topic}-${partition}, which ends at ${end}: it goes on there`,
    );
    lowered.push({ groupId, topic, partition, offset: end });
  }
  return lowered;
}
