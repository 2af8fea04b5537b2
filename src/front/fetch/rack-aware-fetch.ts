import type { FetchRequest } from '../../protocol/schema/01-fetch.ts';
import type { Call } from '../net/call.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import { NO_REPLICA } from './fetch-results.ts';
import type { FetchServices } from './fetch-services.ts';
import type { FetchPlan } from './fetch-sessions.ts';
import type { FetchTarget } from './fetch-target.ts';
import { PendingFetch } from './pending-fetch.ts';

/**
 * The fetch of a consumer that names its rack. The leader of a partition sends it to a follower
 * there, unless the leader is in that rack itself (KIP-392).
 */
export class RackAwareFetch extends PendingFetch {
  readonly #rack: string;
  readonly #services: FetchServices;

  constructor(call: Call, request: FetchRequest, plan: FetchPlan, services: FetchServices) {
    super(call, request, plan, services);
    this.#rack = request.rackId;
    this.#services = services;
  }

  /** Of the replicas in sync in that rack that have the offset: the one that has most. */
  protected override preferredReplica(target: FetchTarget, mirror: PartitionMirror): number {
    const { metadata } = this.#services;
    const { copies, topicId, index } = mirror;
    const partition = metadata.image.topicsById.get(topicId)?.partitions[index];
    if (!mirror.isLeader || copies === null || partition === undefined) return NO_REPLICA;
    if (this.#isNear(partition.leader)) return NO_REPLICA;
    let nearest = NO_REPLICA;
    let endOffset = target.fetchOffset;
    for (const id of partition.inSyncReplicas) {
      const copy = copies.get(id);
      if (copy === undefined || copy.leaderEpoch !== mirror.leaderEpoch) continue;
      if (copy.endOffset < endOffset || copy.startOffset > target.fetchOffset) continue;
      if (!this.#isNear(id)) continue;
      nearest = id;
      endOffset = copy.endOffset;
    }
    return nearest;
  }

  #isNear(nodeId: number): boolean {
    return this.#services.endpoints.nodeFor(nodeId, this.call)?.rack === this.#rack;
  }
}
