import { systemClock } from '../base/clock.ts';
import { inBackground } from '../base/in-background.ts';
import { ERROR } from '../base/kafka-errors.ts';
import { logFailure } from '../base/log-failure.ts';
import { type Logger, RateLimitedLog } from '../base/logger.ts';
import type { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import type { ClusterMember } from '../cluster/membership/cluster-member.ts';
import type { ActiveController } from '../cluster/quorum/active-controller.ts';
import { isElsewhere } from '../cluster/quorum/is-elsewhere.ts';
import {
  type InSyncAnswer,
  InSyncRequests,
  type WantedInSync,
} from '../cluster/replicas/in-sync-requests.ts';
import type { ProposedInSync } from '../exchange/replica-messages.ts';
import type { InSyncCounts } from '../front/metrics/cluster-report.ts';
import type { Partitions } from '../front/partitions/partitions.ts';
import type { InSyncProposals, Workers } from '../front/partitions/workers.ts';
import { ALTER_PARTITION } from '../protocol/schema/56-alter-partition.ts';

export interface InSyncChangesMeans {
  readonly view: ClusterMetadata;
  readonly member: Pick<ClusterMember, 'epoch'>;
  readonly controller: Pick<ActiveController, 'ask'>;
  readonly partitions: Partitions;
  readonly workers: Pick<Workers, 'control'>;
  readonly limitMs: number;
  readonly logger: Logger;
}

const VERSION = 3;
const FAILURE_LOG_MS = 10_000;

/**
 * Takes what the leaders in the workers propose to the controllers, and the answers back. A
 * proposal ends with its answer, or where the metadata log has a newer state of its partition.
 */
export class InSyncChanges implements InSyncProposals {
  readonly #means: InSyncChangesMeans;
  readonly #requests: InSyncRequests;
  readonly #counts = { expansions: 0, shrinks: 0, refusals: 0 };

  constructor(means: InSyncChangesMeans) {
    const { view, member, logger } = means;
    const failures = new RateLimitedLog(logger, FAILURE_LOG_MS);
    this.#means = means;
    this.#requests = new InSyncRequests({
      nodeId: view.image.nodeId,
      brokerEpoch: () => member.epoch,
      ask: (body) => {
        const question = { api: ALTER_PARTITION, version: VERSION, body, isElsewhere };
        return means.controller.ask(question, means.limitMs);
      },
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      onAnswer: (wanted, answer) => this.#take(wanted, answer),
      onFailure: (reason) => failures.warn('in-sync', reason, systemClock.monotonicMs()),
    });
    view.onChange(() => this.#requests.withdraw((wanted) => this.#isOver(wanted)));
  }

  onProposed(slot: number, { leaderEpoch, partitionEpoch, replicas }: ProposedInSync): void {
    const { partitions, logger } = this.#means;
    const mirror = partitions.bySlot(slot);
    if (mirror === undefined) return;
    const { topicId, index } = mirror;
    const asked = this.#requests.want({ topicId, index, leaderEpoch, partitionEpoch, replicas });
    inBackground(asked, logFailure(logger, 'asking for other replicas in sync'));
  }

  get counts(): InSyncCounts {
    return this.#counts;
  }

  close(): void {
    this.#requests.close();
  }

  #isOver({ topicId, index, partitionEpoch }: WantedInSync): boolean {
    const partition = this.#means.view.image.topicsById.get(topicId)?.partitions[index];
    return partition === undefined || partition.partitionEpoch > partitionEpoch;
  }

  /** True where the worker wants the same asked again. */
  async #take(wanted: WantedInSync, answer: InSyncAnswer): Promise<boolean> {
    const { topicId, index, leaderEpoch, partitionEpoch } = wanted;
    const { partitions, workers } = this.#means;
    const mirror = partitions.topicById(topicId)?.partitions[index] ?? null;
    if (mirror === null) return false;
    const { errorCode, ...decision } = answer;
    this.#count(wanted, answer);
    const told = await workers.control(mirror.worker, {
      kind: 'in-sync-answered',
      slot: mirror.slot,
      leaderEpoch,
      partitionEpoch,
      errorCode,
      decision: errorCode === ERROR.NONE ? decision : null,
    });
    return told.error === ERROR.NONE && told.sendAgain;
  }

  /** The controllers tell a decision before the metadata do, so the image has what was before. */
  #count({ topicId, index }: WantedInSync, { errorCode, inSyncReplicas }: InSyncAnswer): void {
    const before = this.#means.view.image.topicsById.get(topicId)?.partitions[index];
    const known = before?.inSyncReplicas.length ?? inSyncReplicas.length;
    if (errorCode !== ERROR.NONE) this.#counts.refusals++;
    else if (inSyncReplicas.length > known) this.#counts.expansions++;
    else if (inSyncReplicas.length < known) this.#counts.shrinks++;
  }
}
