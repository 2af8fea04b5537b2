import type { Clock } from '../../base/clock.ts';
import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger } from '../../base/logger.ts';
import type { WantedMarker } from '../../exchange/transaction-messages.ts';
import { transactionSettings } from '../../metadata/config/broker-settings.ts';
import type { MetadataChanges } from '../../metadata/metadata-changes.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { Partitions } from '../partitions/partitions.ts';
import type { TransactionRequests, Workers } from '../partitions/workers.ts';
import type { BrokerPeers } from './broker-peers.ts';
import { CoordinatorQuestions } from './coordinator-questions.ts';
import { MarkerDelivery } from './marker-delivery.ts';
import { TransactionGate } from './transaction-gate.ts';
import { TransactionalWrites } from './transactional-writes.ts';

interface TransactionServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metadata: MetadataView;
  readonly changes: MetadataChanges;
  readonly partitions: Partitions;
  readonly workers: Workers;
  /** Null where there are no other brokers. */
  readonly peers: BrokerPeers | null;
}

const NO_BLOCK = { first: 0, end: 0 };

/** What the front does for transactions, whose coordinators are in the workers. */
export class Transactions implements TransactionRequests {
  readonly gate: TransactionGate;
  readonly markers: MarkerDelivery;
  readonly writes: TransactionalWrites;
  readonly #services: TransactionServices;

  constructor(services: TransactionServices) {
    const { metadata, partitions, workers, peers } = services;
    this.#services = services;
    this.gate = new TransactionGate({
      ...services,
      questions: new CoordinatorQuestions(services),
      settings: () => transactionSettings(metadata.config),
    });
    this.markers = new MarkerDelivery({ metadata, partitions, workers, peers, gate: this.gate });
    this.writes = new TransactionalWrites(this.gate);
    workers.transactions = this;
  }

  onMarkersWanted(worker: number, markers: readonly WantedMarker[]): void {
    this.markers.deliver(worker, markers);
  }

  /** Where no block can be had, clients are told to come again, and the worker asks again. */
  onProducerIdsWanted(worker: number): void {
    const { changes, workers, logger } = this.#services;
    const given = changes.allocateProducerIds().then((block) => {
      workers.tell(worker, { kind: 'producer-ids', ...block });
    });
    const log = logFailure(logger, 'a block of producer ids');
    inBackground(given, (thrown) => {
      log(thrown);
      workers.tell(worker, { kind: 'producer-ids', ...NO_BLOCK });
    });
  }
}
