import { inBackground } from '../../base/in-background.ts';
import { API } from '../../protocol/api-keys.ts';
import { type KafkaError, throwAnswerError, toKafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { BackOff } from '../net/back-off.ts';
import { pause } from '../net/pause.ts';

/** The id under which a producer without transactions numbers its records. */
export class ProducerIdentity {
  readonly #link: ClusterLink;
  readonly #onReady: () => void;
  readonly #onFailed: (error: KafkaError) => void;
  #isAsking = false;
  id = -1;
  epoch = -1;

  constructor(link: ClusterLink, onReady: () => void, onFailed: (error: KafkaError) => void) {
    this.#link = link;
    this.#onReady = onReady;
    this.#onFailed = onFailed;
  }

  get isKnown(): boolean {
    return this.id >= 0;
  }

  set(id: number, epoch: number): void {
    this.id = id;
    this.epoch = epoch;
  }

  /** Asks any broker for an id until it has one; `onReady` follows. */
  acquire(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    inBackground(this.#ask(), (thrown) => {
      this.#isAsking = false;
      this.#onFailed(toKafkaError(thrown));
    });
  }

  async #ask(): Promise<void> {
    const { network, settings } = this.#link;
    const backOff = new BackOff(settings.retryBackoffMs, settings.retryBackoffMaxMs);
    for (;;) {
      try {
        const connection = await network.any();
        const body = { transactionalId: null, transactionTimeoutMs: 2 ** 31 - 1 };
        const answer = await connection.ask(API.INIT_PRODUCER_ID, body);
        throwAnswerError(answer.errorCode, null, 'producer id');
        this.set(answer.producerId, answer.producerEpoch);
        break;
      } catch (thrown) {
        const error = toKafkaError(thrown);
        if (!error.retriable) throw error;
      }
      await pause(backOff.next());
    }
    this.#isAsking = false;
    this.#onReady();
  }
}
