import type { RecordHeaders } from '../../../../client/consumer/records/record-headers.ts';
import { encodedBytes } from '../../../serde/encoded-bytes.ts';
import type { Change } from '../../../topology/change.ts';
import type { NodeContext } from '../../../topology/node-context.ts';
import type { ProcessorMaker } from '../../../topology/node-definitions.ts';
import type { NodeProcessor } from '../../../topology/node-processor.ts';
import type { AnySerde } from '../../../topology/store-spec.ts';
import { type Callback, caller, settled } from '../../callbacks.ts';
import { INSTRUCTION, type Instruction, type Subscription } from './subscription.ts';
import { valueHash } from './value-hash.ts';

/** How rows subscribe. */
export interface SubscriptionSenderHow {
  /** Of the subscriptions, without the application id: serdes are told names made of it. */
  readonly topic: string;
  readonly foreignKey: Callback<unknown, unknown, unknown>;
  readonly foreignKeySerde: AnySerde;
  readonly value: AnySerde;
  readonly isLeft: boolean;
}

/** The update in hand. */
interface Update {
  readonly key: unknown;
  readonly timestamp: number;
  readonly headers: RecordHeaders;
  readonly hash: Buffer | null;
}

class SubscriptionSenderProcessor implements NodeProcessor {
  readonly #sender: SubscriptionSender;
  readonly #foreignKey: ReturnType<typeof caller>;
  #context!: NodeContext;
  #topic = '';

  constructor(sender: SubscriptionSender) {
    this.#sender = sender;
    this.#foreignKey = caller(sender.how.foreignKey);
  }

  open(context: NodeContext): void {
    this.#context = context;
    this.#topic = `${context.applicationId}-${this.#sender.how.topic}`;
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { newValue, oldValue, isLatest } = value as Change<unknown>;
    const { how, usesVersionedSemantics } = this.#sender;
    if (usesVersionedSemantics && !isLatest) {
      this.#context.dropped('late-table-version');
      return;
    }
    if (how.isLeft && newValue === null && oldValue === null) return;
    const hash = valueHash(how.value, newValue, `${this.#topic}-vh`);
    const update = { key, timestamp, headers, hash };
    const oldKey = this.#keyOf(oldValue, update);
    const newKey = this.#keyOf(newValue, update);
    if (how.isLeft) this.#sendForLeft(update, oldKey, newKey);
    else if (newValue !== null) this.#sendForInner(update, oldKey, newKey);
    else if (oldKey !== null) this.#send(update, oldKey, INSTRUCTION.DELETE_KEY_AND_PROPAGATE);
  }

  /** Every change is answered. A row that is gone subscribes to null, which keeps nothing. */
  #sendForLeft(update: Update, oldKey: unknown, newKey: unknown): void {
    if (oldKey !== null && !this.#isSame(oldKey, newKey)) {
      this.#send(update, oldKey, INSTRUCTION.DELETE_KEY_NO_PROPAGATE);
    }
    this.#send(update, newKey, INSTRUCTION.PROPAGATE_NULL_IF_NO_FK_VAL_AVAILABLE);
  }

  #sendForInner(update: Update, oldKey: unknown, newKey: unknown): void {
    if (newKey === null) {
      this.#context.dropped('null-foreign-key');
      if (oldKey !== null) this.#send(update, oldKey, INSTRUCTION.DELETE_KEY_AND_PROPAGATE);
      return;
    }
    if (oldKey === null || this.#isSame(oldKey, newKey)) {
      this.#send(update, newKey, INSTRUCTION.PROPAGATE_ONLY_IF_FK_VAL_AVAILABLE);
      return;
    }
    // The new subscription may be on another partition, so the old one is ended by itself.
    this.#send(update, oldKey, INSTRUCTION.DELETE_KEY_NO_PROPAGATE);
    this.#send(update, newKey, INSTRUCTION.PROPAGATE_NULL_IF_NO_FK_VAL_AVAILABLE);
  }

  #keyOf(value: unknown, { key, timestamp, headers }: Update): unknown {
    if (value === null) return null;
    const keyOf = this.#foreignKey;
    const found = keyOf(value as never, key as never, timestamp, headers);
    return settled(found, this.#context.node) ?? null;
  }

  #isSame(oldKey: unknown, newKey: unknown): boolean {
    if (newKey === null) return false;
    return Buffer.compare(this.#bytesOf(oldKey), this.#bytesOf(newKey)) === 0;
  }

  #bytesOf(key: unknown): Buffer {
    const { foreignKeySerde } = this.#sender.how;
    const encoded = encodedBytes(foreignKeySerde.serialize(key, `${this.#topic}-fk`));
    return encoded ?? Buffer.alloc(0);
  }

  #send(update: Update, foreignKey: unknown, instruction: Instruction): void {
    const subscription: Subscription = {
      hash: update.hash,
      instruction,
      primaryKey: update.key,
      primaryPartition: this.#context.partition,
    };
    this.#context.forward(foreignKey, subscription, update.timestamp, update.headers);
  }
}

/** Tells the foreign table which of its rows each row names. */
export class SubscriptionSender implements ProcessorMaker {
  readonly how: SubscriptionSenderHow;
  usesVersionedSemantics = false;

  constructor(how: SubscriptionSenderHow) {
    this.how = how;
  }

  useVersionedSemantics(): void {
    this.usesVersionedSemantics = true;
  }

  make(): NodeProcessor {
    return new SubscriptionSenderProcessor(this);
  }
}
