import type { ClusterMetadata } from '../cluster/cluster-metadata.ts';
import type { ReplicaBroker } from '../exchange/replica-messages.ts';
import type { Workers } from '../front/partitions/workers.ts';
import type { BrokerMetadata } from '../metadata/image.ts';

/**
 * Tells the workers which brokers live. A leader takes replicas into those in sync by it, and its
 * high watermark waits for them.
 */
export class ReplicaBrokers {
  readonly #view: ClusterMetadata;
  readonly #lagTimeMaxMs: number;
  readonly #workers: Pick<Workers, 'tell' | 'workerCount'>;

  constructor(
    view: ClusterMetadata,
    lagTimeMaxMs: number,
    workers: Pick<Workers, 'tell' | 'workerCount'>,
  ) {
    this.#view = view;
    this.#lagTimeMaxMs = lagTimeMaxMs;
    this.#workers = workers;
  }

  /** Tells all brokers now, and again when one of them changes. */
  start(): void {
    this.#tell();
    this.#view.onChange(({ brokers }) => {
      if (brokers.size > 0) this.#tell();
    });
  }

  #tell(): void {
    const { nodeId, brokers: known } = this.#view.image;
    const brokers = [...known.values()].map(replicaBroker);
    const command = {
      kind: 'replication',
      nodeId,
      lagTimeMaxMs: this.#lagTimeMaxMs,
      brokers,
    } as const;
    for (let worker = 0; worker < this.#workers.workerCount; worker++) {
      this.#workers.tell(worker, command);
    }
  }
}

function replicaBroker({ id, epoch, fenced, registration }: BrokerMetadata): ReplicaBroker {
  const isLeaving = fenced || registration?.inControlledShutdown === true;
  return { id, epoch, isFenced: fenced, isLeaving };
}
