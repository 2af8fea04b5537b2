import type { Clock } from '../../base/clock.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { TransactionSettings } from '../../metadata/config/broker-settings.ts';
import type { CoordinatorQuestions, OnAnswer, Question } from './coordinator-questions.ts';

interface PatientServices {
  readonly clock: Clock;
  readonly questions: CoordinatorQuestions;
  settings(): TransactionSettings;
}

interface Asking {
  readonly question: Question;
  readonly onAnswer: OnAnswer;
  readonly sinceMs: number;
  /** Until it is asked again; null while an answer is on its way. */
  pause: NodeJS.Timeout | null;
  /** Markers were written after it was asked. */
  isOutdated: boolean;
}

/**
 * Questions that are asked again while the markers of the transaction before are on their way: at
 * once when the coordinator has heard of a marker, and otherwise after Kafka's pause.
 */
export class PatientQuestions {
  readonly #services: PatientServices;
  readonly #byProducer = new Map<number, Set<Asking>>();

  constructor(services: PatientServices) {
    this.#services = services;
  }

  ask(question: Question, onAnswer: OnAnswer): void {
    const sinceMs = this.#services.clock.monotonicMs();
    const asking: Asking = { question, onAnswer, sinceMs, pause: null, isOutdated: false };
    const known = this.#byProducer.get(question.producerId);
    if (known === undefined) this.#byProducer.set(question.producerId, new Set([asking]));
    else known.add(asking);
    this.#put(asking);
  }

  /** The coordinator of the producer was told that markers of its transaction are written. */
  onMarkersWritten(producerId: number): void {
    const known = this.#byProducer.get(producerId);
    if (known === undefined) return;
    for (const asking of known) {
      if (asking.pause === null) {
        asking.isOutdated = true;
      } else {
        clearTimeout(asking.pause);
        this.#put(asking);
      }
    }
  }

  #put(asking: Asking): void {
    asking.pause = null;
    asking.isOutdated = false;
    this.#services.questions.ask(asking.question, (errorCode) => this.#hear(asking, errorCode));
  }

  #hear(asking: Asking, errorCode: number): void {
    const { clock, settings } = this.#services;
    const { addRetryMs, addRetryMaxMs } = settings();
    const isLate = clock.monotonicMs() - asking.sinceMs >= addRetryMaxMs;
    const { verifyOnly } = asking.question;
    if (errorCode !== ERROR.CONCURRENT_TRANSACTIONS || verifyOnly || isLate) {
      this.#forget(asking);
      asking.onAnswer(errorCode);
    } else if (asking.isOutdated) {
      this.#put(asking);
    } else {
      asking.pause = setTimeout(() => this.#put(asking), addRetryMs);
    }
  }

  #forget(asking: Asking): void {
    const { producerId } = asking.question;
    const known = this.#byProducer.get(producerId)!;
    known.delete(asking);
    if (known.size === 0) this.#byProducer.delete(producerId);
  }
}
