import type { Link } from './link.ts';

/** What the broker knows an idempotent producer by. */
export interface ProducerId {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** One producer id, asked for when it is first needed. A request that failed is made again. */
export class ProducerIdentity {
  readonly #link: Link;
  #asked: Promise<ProducerId> | null = null;

  constructor(link: Link) {
    this.#link = link;
  }

  /** Callers that come while the broker is asked share the request. */
  get(): Promise<ProducerId> {
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  async #ask(): Promise<ProducerId> {
    try {
      const answer = await this.#link.request({ type: 'producer' }, { survives: true });
      const { producerId, producerEpoch } = answer as ProducerId;
      return { producerId, producerEpoch };
    } catch (thrown) {
      this.#asked = null;
      throw thrown;
    }
  }
}
