import type { TransactionSettings } from '../../base/transaction-settings.ts';
import type { MarkerWrite } from '../../coordination/end-marker.ts';
import { TransactionKind } from '../../coordination/transaction/transaction-kind.ts';
import * as settings from '../../coordination/transaction/transaction-settings.ts';
import { isAtRest, STATE_NAMES } from '../../coordination/transaction/transaction-states.ts';
import type { PartitionCounts } from '../../coordination/transaction/transaction-table.ts';
import type { FrontProxy } from '../../exchange/front-proxy.ts';
import type {
  MarkerOutcome,
  TransactionCensus,
  WantedMarker,
} from '../../exchange/transaction-messages.ts';
import type { Coordinators } from '../coordinators/coordinators.ts';
import type { PartitionHost } from '../partition-host.ts';

/** The next block of producer ids is asked for when so many are left. */
const FEW_IDS = 100;
const NO_ID = -1;

type OnWritten = (errorCode: number) => void;

/**
 * What the transaction coordinators of this worker exchange with the front: settings, producer ids,
 * and markers for partitions of any worker.
 */
export class TransactionCommands {
  readonly #front: FrontProxy;
  readonly #kind: TransactionKind;
  readonly #coordinators: Coordinators;
  #rules: TransactionSettings = settings.DEFAULT_TRANSACTION_SETTINGS;
  #nextProducerId = 0;
  #endProducerId = 0;
  #isBlockWanted = false;
  #wanted: WantedMarker[] = [];
  readonly #onWritten = new Map<number, OnWritten>();
  #lastMarker = 0;

  constructor(
    host: PartitionHost,
    coordinators: Coordinators,
    topics: PartitionCounts,
    front: FrontProxy,
  ) {
    this.#front = front;
    this.#coordinators = coordinators;
    const takeProducerId = () => this.#takeProducerId();
    const parts = { settings: this.#liveSettings(), topics, takeProducerId };
    this.#kind = new TransactionKind(parts, (write, onWritten) => this.#want(write, onWritten));
    coordinators.add(this.#kind);
    for (const { topic } of host.partitions()) this.topicCreated(topic);
  }

  /** The transactional ids of the coordinators that are loaded. */
  census(): TransactionCensus {
    const states: Record<string, number> = {};
    let oldestStartMs: number | null = null;
    for (const shard of this.#coordinators.shards(this.#kind)) {
      for (const { state, startMs } of shard.transactions()) {
        const name = STATE_NAMES[state]!;
        states[name] = (states[name] ?? 0) + 1;
        if (isAtRest(state) || startMs < 0) continue;
        oldestStartMs = Math.min(oldestStartMs ?? startMs, startMs);
      }
    }
    return { states, oldestStartMs };
  }

  setRules(rules: TransactionSettings): void {
    this.#rules = rules;
  }

  /** The first producer shall not wait for the first block of producer ids. */
  topicCreated(topic: string): void {
    if (topic === this.#kind.topic && this.#nextProducerId === this.#endProducerId) {
      this.#wantBlock();
    }
  }

  /** An empty block says that there was none to be had. */
  addProducerIds(first: number, end: number): void {
    this.#isBlockWanted = false;
    if (end <= first) return;
    this.#nextProducerId = first;
    this.#endProducerId = end;
  }

  markersWritten(outcomes: readonly MarkerOutcome[]): void {
    for (const [id, errorCode] of outcomes) {
      const onWritten = this.#onWritten.get(id);
      this.#onWritten.delete(id);
      onWritten?.(errorCode);
    }
  }

  /** Sends the markers that the drained batch asked for, as one message. */
  flush(): void {
    if (this.#wanted.length === 0) return;
    const markers = this.#wanted;
    this.#wanted = [];
    this.#front.event({ kind: 'write-markers', slot: -1, markers });
  }

  #want(write: MarkerWrite, onWritten: OnWritten): void {
    this.#lastMarker = (this.#lastMarker + 1) % Number.MAX_SAFE_INTEGER;
    this.#onWritten.set(this.#lastMarker, onWritten);
    this.#wanted.push({ ...write, id: this.#lastMarker });
  }

  #takeProducerId(): number {
    const left = this.#endProducerId - this.#nextProducerId;
    if (left <= FEW_IDS) this.#wantBlock();
    return left === 0 ? NO_ID : this.#nextProducerId++;
  }

  #wantBlock(): void {
    if (this.#isBlockWanted) return;
    this.#isBlockWanted = true;
    this.#front.event({ kind: 'producer-ids-wanted', slot: -1 });
  }

  /** The settings as the front sent them last. */
  #liveSettings(): TransactionSettings {
    const rules = () => this.#rules;
    return {
      get maxTimeoutMs() {
        return rules().maxTimeoutMs;
      },
      get idExpirationMs() {
        return rules().idExpirationMs;
      },
      get maxIds() {
        return rules().maxIds;
      },
      get abortIntervalMs() {
        return rules().abortIntervalMs;
      },
      get expiryIntervalMs() {
        return rules().expiryIntervalMs;
      },
      get hasTwoPhaseCommit() {
        return rules().hasTwoPhaseCommit;
      },
      get transactionVersion() {
        return rules().transactionVersion;
      },
    };
  }
}
