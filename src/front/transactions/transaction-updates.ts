import type { TransactionSettings } from '../../base/transaction-settings.ts';
import { transactionSettings } from '../../metadata/config/broker-settings.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import type { Workers } from '../partitions/workers.ts';
import { transactionVersionOf } from './transaction-version.ts';

/** Tells the transaction coordinators in the workers of their settings. */
export class TransactionUpdates {
  readonly #metadata: MetadataView;
  readonly #workers: Workers;

  constructor(metadata: MetadataView, workers: Workers) {
    this.#metadata = metadata;
    this.#workers = workers;
  }

  /** Tells them now, and each change from now on. Called before clients are let in. */
  start(): void {
    this.#tell();
    this.#metadata.onChange(({ before, after }) => {
      const isMoved =
        before.brokerConfigs !== after.brokerConfigs || before.features !== after.features;
      if (isMoved) this.#tell();
    });
  }

  #tell(): void {
    const { config, image } = this.#metadata;
    const settings = transactionSettings(config);
    const rules: TransactionSettings = {
      maxTimeoutMs: settings.maxTimeoutMs,
      idExpirationMs: settings.idExpirationMs,
      maxIds: settings.idsPerPartitionMax,
      abortIntervalMs: settings.abortIntervalMs,
      expiryIntervalMs: settings.expiryIntervalMs,
      hasTwoPhaseCommit: settings.hasTwoPhaseCommit,
      transactionVersion: transactionVersionOf(image),
    };
    for (let worker = 0; worker < this.#workers.workerCount; worker++) {
      this.#workers.tell(worker, { kind: 'transaction-rules', rules });
    }
  }
}
