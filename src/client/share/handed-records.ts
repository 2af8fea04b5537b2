import { KafkaError } from '../errors/kafka-error.ts';
import type { ShareRecord } from './share-record.ts';

/** The records that the application has in hand. */
export class HandedRecords<K, V> {
  /** Each record must be acknowledged by the application itself. */
  readonly isExplicit: boolean;
  #records: ShareRecord<K, V>[] = [];

  constructor(isExplicit: boolean) {
    this.isExplicit = isExplicit;
  }

  hand(records: readonly ShareRecord<K, V>[]): void {
    this.#records.push(...records);
  }

  /** The application has left them behind: they are accepted, where nothing else was said. */
  leave(): void {
    if (this.isExplicit) return;
    for (const record of this.#takeOpen()) record.accept();
  }

  /** A loop may have ended because it failed: others get the record, or this member again. */
  giveBack(): void {
    if (this.isExplicit) return;
    for (const record of this.#takeOpen()) record.release();
  }

  /** Throws where the application has forgotten one. */
  requireNone(): void {
    const open = this.#takeOpen();
    this.#records = open;
    const first = open[0];
    if (first === undefined) return;
    const { topic, partition, offset } = first;
    const what = `${open.length} records are not acknowledged, the first at offset ${offset}`;
    const text = `${what} of partition ${topic}-${partition}: accept, release or reject them first`;
    throw new KafkaError('INVALID_RECORD_STATE', text, { topic, partition });
  }

  /** Those that are still to be acknowledged and can be. */
  #takeOpen(): ShareRecord<K, V>[] {
    const nowMs = performance.now();
    const records = this.#records;
    this.#records = [];
    return records.filter(({ isOpen, lockedUntilMs }) => isOpen && lockedUntilMs > nowMs);
  }
}
