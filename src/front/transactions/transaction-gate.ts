import type { Clock } from '../../base/clock.ts';
import { inBackground } from '../../base/in-background.ts';
import { logFailure } from '../../base/log-failure.ts';
import type { Logger } from '../../base/logger.ts';
import { NO_GUARD } from '../../base/no-guard.ts';
import type { TransactionSettings } from '../../metadata/config/broker-settings.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { Workers } from '../partitions/workers.ts';
import type { CoordinatorQuestions } from './coordinator-questions.ts';
import { PatientQuestions } from './patient-questions.ts';

export interface GateServices {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly workers: Workers;
  readonly questions: CoordinatorQuestions;
  /** In force now. */
  settings(): TransactionSettings;
}

/** A write into a transaction that wants to pass. */
export interface GatedWrite {
  readonly mirror: PartitionMirror;
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly sequence: number;
  /** The client leaves it to the broker to add partitions (transaction.version 2). */
  readonly bumpsEpoch: boolean;
}

/** Hears 0 and the guard to write with, or why the write is refused. */
export type OnPassed = (errorCode: number, guard: number) => void;

/** One producer at one partition: its writes pass in the order in which they came. */
interface Passage {
  readonly epoch: number;
  readonly bumpsEpoch: boolean;
  /** Until the coordinator has answered. */
  waiting: OnPassed[] | null;
  guard: number;
}

/**
 * Before the first write of a transaction to a partition its coordinator is asked (KIP-890). It
 * adds the partition, or says whether the client has added it. Later writes pass until a marker is
 * sent to the partition. The guard that goes with them keeps an answer from before a marker from
 * opening a transaction behind it.
 */
export class TransactionGate {
  readonly #services: GateServices;
  readonly #questions: PatientQuestions;
  readonly #passages = new WeakMap<PartitionMirror, Map<number, Passage>>();

  constructor(services: GateServices) {
    this.#services = services;
    this.#questions = new PatientQuestions(services);
  }

  /** The guard to write with at once, or -1 where the write has to go through `pass`. */
  guardOf(mirror: PartitionMirror, producerId: number, producerEpoch: number): number {
    const passage = this.#passages.get(mirror)?.get(producerId);
    if (passage === undefined || passage.epoch !== producerEpoch) return -1;
    return passage.waiting === null ? passage.guard : -1;
  }

  pass(write: GatedWrite, onPassed: OnPassed): void {
    const { mirror, producerId, producerEpoch } = write;
    const known = this.#passages.get(mirror)?.get(producerId);
    if (known?.epoch === producerEpoch) {
      if (known.waiting === null) onPassed(0, known.guard);
      else known.waiting.push(onPassed);
      return;
    }
    const { bumpsEpoch } = write;
    const passage = { epoch: producerEpoch, bumpsEpoch, waiting: [onPassed], guard: NO_GUARD };
    // A producer that is fenced does not push aside the one that has fenced it.
    if (known === undefined || known.epoch < producerEpoch) this.#remember(write, passage);
    this.#verify(write, passage);
  }

  /**
   * A marker goes to the partition. The next transaction begins with a question. One whose writes
   * wait already has the epoch of the marker, where each transaction has its own.
   */
  onMarker(mirror: PartitionMirror, producerId: number, markerEpoch: number): void {
    const producers = this.#passages.get(mirror);
    const passage = producers?.get(producerId);
    if (passage === undefined) return;
    const isOfNext = passage.bumpsEpoch && passage.epoch === markerEpoch;
    if (passage.waiting === null || !isOfNext) producers!.delete(producerId);
  }

  /** The coordinator was told that markers are written: a write that waits for them may pass. */
  onMarkersWritten(producerId: number): void {
    this.#questions.onMarkersWritten(producerId);
  }

  /** The partition refused a write that had passed. */
  onRefused(mirror: PartitionMirror, producerId: number): void {
    const passage = this.#passages.get(mirror)?.get(producerId);
    if (passage?.waiting === null) this.#passages.get(mirror)!.delete(producerId);
  }

  #remember({ mirror, producerId }: GatedWrite, passage: Passage): void {
    const producers = this.#passages.get(mirror);
    if (producers === undefined) this.#passages.set(mirror, new Map([[producerId, passage]]));
    else producers.set(producerId, passage);
  }

  #verify(write: GatedWrite, passage: Passage): void {
    const { workers, logger } = this.#services;
    const { mirror, producerId, producerEpoch, sequence, bumpsEpoch } = write;
    const asked = { producerId, producerEpoch, sequence, bumpsEpoch };
    const command = { kind: 'request-verification', slot: mirror.slot, ...asked } as const;
    const answered = workers.control(mirror.worker, command, (answer) => {
      if (answer.error !== 0) this.#end(write, passage, answer.error, NO_GUARD);
      else this.#onGuard(write, passage, answer.guard);
    });
    inBackground(answered, logFailure(logger, command.kind));
  }

  #onGuard(write: GatedWrite, passage: Passage, guard: number): void {
    const isAsked = write.bumpsEpoch || this.#services.settings().verifiesPartitions;
    if (guard === NO_GUARD || !isAsked) this.#end(write, passage, 0, guard);
    else this.#ask(write, passage, guard);
  }

  #ask(write: GatedWrite, passage: Passage, guard: number): void {
    const { transactionalId, producerId, producerEpoch, mirror, bumpsEpoch } = write;
    const place = { topic: mirror.topic, partition: mirror.index };
    const producer = { transactionalId, producerId, producerEpoch };
    this.#questions.ask({ ...producer, ...place, verifyOnly: !bumpsEpoch }, (errorCode) => {
      this.#end(write, passage, errorCode, guard);
    });
  }

  #end(write: GatedWrite, passage: Passage, errorCode: number, guard: number): void {
    const waiting = passage.waiting ?? [];
    passage.waiting = null;
    passage.guard = guard;
    const producers = this.#passages.get(write.mirror);
    const isCurrent = producers?.get(write.producerId) === passage;
    if (errorCode !== 0 && isCurrent) producers!.delete(write.producerId);
    for (const onPassed of waiting) onPassed(errorCode, guard);
  }
}
