import { ERROR } from '../../base/kafka-errors.ts';
import type { ApiKey } from '../../protocol/api-keys.ts';
import { apiName, type ResponseOf } from '../../protocol/api-registry.ts';
import { answerError, type KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { type CoordinatorFinder, isCoordinatorMove } from '../metadata/coordinator-finder.ts';
import { abortable } from '../net/abortable.ts';
import { BackOff } from '../net/back-off.ts';
import type { AskBody } from '../net/connection-settings.ts';
import { LANE } from '../net/lane.ts';
import { pause } from '../net/pause.ts';

export interface CallOptions<Key extends ApiKey> {
  /** Where the answer keeps its error. */
  readonly codeOf: (answer: ResponseOf<Key>) => number;
  readonly maxVersion?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The transaction before is still being ended; it takes milliseconds. */
const CONCURRENT_FIRST_MS = 5;
const CONCURRENT_MOST_MS = 50;

/** Requests to the coordinator of a transactional id or of a group, until it answers for good. */
export class CoordinatorCalls {
  readonly #link: ClusterLink;
  readonly #limitMs: number;

  constructor(link: ClusterLink, limitMs: number) {
    this.#link = link;
    this.#limitMs = limitMs;
  }

  ofTransaction<Key extends ApiKey>(
    id: string,
    apiKey: Key,
    body: AskBody<Key>,
    options: CallOptions<Key>,
  ): Promise<ResponseOf<Key>> {
    return this.#call(this.#link.transactions, id, apiKey, body, options);
  }

  ofGroup<Key extends ApiKey>(
    id: string,
    apiKey: Key,
    body: AskBody<Key>,
    options: CallOptions<Key>,
  ): Promise<ResponseOf<Key>> {
    return this.#call(this.#link.groups, id, apiKey, body, options);
  }

  async #call<Key extends ApiKey>(
    finder: CoordinatorFinder,
    id: string,
    apiKey: Key,
    body: AskBody<Key>,
    options: CallOptions<Key>,
  ): Promise<ResponseOf<Key>> {
    const { retryBackoffMs, retryBackoffMaxMs } = this.#link.settings;
    const backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
    const concurrent = new BackOff(CONCURRENT_FIRST_MS, CONCURRENT_MOST_MS);
    const startMs = performance.now();
    for (;;) {
      const attempt = this.#attempt(finder, id, apiKey, body, options);
      const outcome = await abortable(attempt, options.signal, apiName(apiKey));
      if (!('error' in outcome)) return outcome.answer;
      const { error } = outcome;
      if (!error.retriable) throw error;
      const isConcurrent = error.code === 'CONCURRENT_TRANSACTIONS';
      const pauseMs = (isConcurrent ? concurrent : backOff).next();
      if (performance.now() - startMs + pauseMs > this.#limitMs) throw error;
      await pause(pauseMs, options.signal);
    }
  }

  async #attempt<Key extends ApiKey>(
    finder: CoordinatorFinder,
    id: string,
    apiKey: Key,
    body: AskBody<Key>,
    { codeOf, maxVersion }: CallOptions<Key>,
  ): Promise<{ answer: ResponseOf<Key> } | { error: KafkaError }> {
    const { network } = this.#link;
    try {
      const connection = await network.connect(await finder.find(id), LANE.GROUP);
      const limit = maxVersion === undefined ? {} : { maxVersion };
      const answer = await connection.ask(apiKey, body, limit);
      const code = codeOf(answer);
      if (code === ERROR.NONE) return { answer };
      if (isCoordinatorMove(code)) finder.forget(id);
      return { error: answerError(code, null, `${apiName(apiKey)} of ${id}`) };
    } catch (thrown) {
      const error = toKafkaError(thrown);
      if (error.code === 'NETWORK_EXCEPTION' || error.code === 'REQUEST_TIMED_OUT')
        finder.forget(id);
      return { error };
    }
  }
}
