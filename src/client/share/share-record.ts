import { ConsumerRecord } from '../consumer/records/consumer-record.ts';
import type { RecordBatch } from '../consumer/records/record-batch.ts';
import type { NullableBytes } from '../consumer/records/record-readers.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import { abortable } from '../net/abortable.ts';
import { ACKNOWLEDGE, type AcknowledgeType } from './acknowledge-type.ts';

/** Takes what is said of records. `renew` resolves with the new end of the lock. */
export interface RecordHolder {
  acknowledge(record: ShareRecord<unknown, unknown>): void;
  renew(record: ShareRecord<unknown, unknown>): Promise<number>;
}

/** How a record came: from whom, how often before, and until when it is this member's alone. */
export interface Delivery {
  readonly holder: RecordHolder;
  /** 1 the first time. */
  readonly count: number;
  readonly lockedUntilMs: number;
}

/**
 * A record that this member holds for a time. Within it, one of `accept`, `release` and `reject`
 * says what becomes of it; the last one counts until it is sent.
 */
export class ShareRecord<K = NullableBytes, V = NullableBytes> extends ConsumerRecord<K, V> {
  /** How often it was delivered, this time included. */
  readonly deliveryCount: number;
  readonly #holder: RecordHolder;
  #lockedUntilMs: number;
  #mark: AcknowledgeType | null = null;
  #isSent = false;
  #isLost = false;

  constructor(batch: RecordBatch<K, V>, index: number, delivery: Delivery) {
    super(batch, index);
    this.deliveryCount = delivery.count;
    this.#holder = delivery.holder;
    this.#lockedUntilMs = delivery.lockedUntilMs;
  }

  /** Until when no other member gets it, in the time of `performance.now()`. */
  get lockedUntilMs(): number {
    return this.#lockedUntilMs;
  }

  /** Whether it is still to be acknowledged. */
  get isOpen(): boolean {
    return this.#mark === null && !this.#isLost;
  }

  /** Whether its broker gave it back: it comes again, to this member or another. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** What was said of it; null while nothing was. */
  get mark(): AcknowledgeType | null {
    return this.#mark;
  }

  /** Done: nobody gets it again. */
  accept(): void {
    this.#acknowledge(ACKNOWLEDGE.ACCEPT);
  }

  /** Not done: whoever asks first gets it again, until the group's limit of deliveries. */
  release(): void {
    this.#acknowledge(ACKNOWLEDGE.RELEASE);
  }

  /** Cannot be done: nobody gets it again. */
  reject(): void {
    this.#acknowledge(ACKNOWLEDGE.REJECT);
  }

  /** Begins the time of the lock anew. The record is still to be acknowledged. */
  async renew(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (!this.isOpen) throw this.#notHeld();
    const renewed = this.#holder.renew(this as ShareRecord<unknown, unknown>);
    this.#lockedUntilMs = await abortable(renewed, options.signal, 'renew');
  }

  /** Called when what was said is on its way. */
  onSent(): void {
    this.#isSent = true;
  }

  /** For the consumer: the lock is gone, and others may get the record. */
  onLost(): void {
    this.#isLost = true;
  }

  /** A lost record is no exception: the loop goes on, and the failure is reported. */
  #acknowledge(type: AcknowledgeType): void {
    if (this.#isSent) throw this.#notHeld();
    const isFirst = this.#mark === null;
    this.#mark = type;
    if (isFirst) this.#holder.acknowledge(this as ShareRecord<unknown, unknown>);
  }

  #notHeld(): KafkaError {
    const { topic, partition, offset } = this;
    const what = `the record at offset ${offset} of partition ${topic}-${partition}`;
    const text = `${what} is not held any more: it was acknowledged before, or its broker was lost`;
    return new KafkaError('INVALID_RECORD_STATE', text, { topic, partition });
  }
}
