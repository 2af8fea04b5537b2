import type { Clock } from '../../base/clock.ts';
import type { ClientQuotas, RateName } from '../../security/quotas/client-quotas.ts';

/** Holds one client to its quotas that speaks otherwise than by calls. It has no client id. */
export class ClientThrottle {
  readonly #quotas: ClientQuotas;
  readonly #clock: Clock;
  readonly #user: string;

  constructor(quotas: ClientQuotas, clock: Clock, user: string) {
    this.#quotas = quotas;
    this.#clock = clock;
    this.#user = user;
  }

  /** Counts records that were sent to it. Answers how long it is sent no more. */
  sent(bytes: number): number {
    return this.#use('consumer_byte_rate', bytes);
  }

  /** Counts records that it produced. Answers how long it waits for the answer. */
  produced(bytes: number): number {
    return this.#use('producer_byte_rate', bytes);
  }

  #use(name: RateName, bytes: number): number {
    if (!this.#quotas.areSet(name)) return 0;
    return this.#quotas.use(name, this.#user, '', bytes, this.#clock.monotonicMs());
  }
}
