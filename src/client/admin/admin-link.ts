import { MillraceError } from '../../base/errors.ts';
import type { KafkaErrorCode } from '../errors/error-category.ts';
import { isKafkaError, KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import { ClusterLink } from '../metadata/cluster-link.ts';
import { BackOff } from '../net/back-off.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminSettings } from './admin-options.ts';
import { AnyRoute } from './any-route.ts';
import type { CallOptions } from './call-options.ts';
import { Deadline } from './deadline.ts';
import { type Outcome, type Outcomes, required } from './outcome.ts';
import type { Batch, Route } from './route.ts';

/** Something to ask about each of many resources. */
export interface Work<Key, Value> {
  /** For errors: what is being done. */
  readonly what: string;
  readonly keys: Iterable<Key>;
  readonly route: Route<Key>;
  /** What passes for this request besides what passes for all. */
  readonly passing?: readonly KafkaErrorCode[];
  /** For errors: what the key stands for. */
  subjectOf(key: Key): string;
  /** One request about these keys, which goes to one broker. Writes what became of each key. */
  ask(
    connection: Connection,
    keys: readonly Key[],
    outcomes: Map<Key, Outcome<Value>>,
    timeoutMs: number,
  ): Promise<void>;
}

/** What another attempt may overcome. A topic or group that is not there is an answer. */
const PASSING: readonly KafkaErrorCode[] = [
  'NETWORK_EXCEPTION',
  'BROKER_NOT_AVAILABLE',
  'MALFORMED_ANSWER',
  'REQUEST_TIMED_OUT',
  'NOT_CONTROLLER',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'OFFSET_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR',
  'CONCURRENT_TRANSACTIONS',
  'UNSTABLE_OFFSET_COMMIT',
  'THROTTLING_QUOTA_EXCEEDED',
];
/** What ends the whole call. */
const ENDING: readonly KafkaErrorCode[] = ['ABORTED', 'CLOSED', 'BAD_ARGUMENT'];

/** Runs the calls of an Admin: to the right brokers, again where an error passes, in time. */
export class AdminLink {
  readonly settings: AdminSettings;
  readonly cluster: ClusterLink;

  constructor(settings: AdminSettings) {
    this.settings = settings;
    this.cluster = new ClusterLink(settings, { allowAutoTopicCreation: false }, 'admin-client');
  }

  /** What became of each key, in their order. Throws only where the whole call has ended. */
  async run<Key, Value>(
    work: Work<Key, Value>,
    options: CallOptions = {},
  ): Promise<Outcomes<Key, Value>> {
    this.cluster.network.requireOpen();
    const { retryBackoffMs, retryBackoffMaxMs, defaultApiTimeoutMs } = this.settings;
    const deadline = new Deadline(work.what, options, defaultApiTimeoutMs);
    const backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
    const done = new Map<Key, Outcome<Value>>();
    let pending = [...new Set(work.keys)];
    while (pending.length > 0) {
      const outcomes = await this.#attempt(work, pending, deadline);
      const failed: Key[] = [];
      for (const key of pending) {
        const outcome = outcomes.has(key) ? outcomes.get(key)! : unanswered(work.subjectOf(key));
        done.set(key, outcome as Outcome<Value>);
        const codes = [...PASSING, ...(work.passing ?? [])];
        // A refused certificate or a broker that is not there stays so.
        if (!isKafkaError(outcome, ...codes) || !(outcome as KafkaError).retriable) continue;
        work.route.forget?.(key);
        failed.push(key);
      }
      pending = failed;
      if (failed.length > 0 && !(await deadline.pause(backOff.next()))) break;
    }
    return done;
  }

  /** The same about one thing; throws its error. */
  async runOne<Key, Value>(work: Work<Key, Value>, options?: CallOptions): Promise<Value> {
    const [outcome] = (await this.run(work, options)).values();
    return required(outcome as Outcome<Value>);
  }

  /** One request about the cluster as a whole, to any broker. */
  askAny<Value>(
    what: string,
    options: CallOptions | undefined,
    request: (connection: Connection) => Promise<Value>,
  ): Promise<Value> {
    const work = {
      what,
      keys: [what],
      route: new AnyRoute<string>(this.cluster),
      subjectOf: (text: string) => text,
      ask: async (
        connection: Connection,
        _: readonly string[],
        outcomes: Map<string, Outcome<Value>>,
      ) => {
        outcomes.set(what, await request(connection));
      },
    };
    return this.runOne(work, options);
  }

  async #attempt<Key, Value>(
    work: Work<Key, Value>,
    keys: readonly Key[],
    deadline: Deadline,
  ): Promise<Map<Key, Outcome<Value>>> {
    const outcomes = new Map<Key, Outcome<Value>>();
    try {
      const batches = await deadline.bound(work.route.plan(keys, outcomes));
      const asked = batches.map((batch) => this.#ask(work, batch, outcomes, deadline));
      await Promise.all(asked);
    } catch (thrown) {
      failAll(keys, outcomes, thrown);
    }
    return outcomes;
  }

  async #ask<Key, Value>(
    work: Work<Key, Value>,
    batch: Batch<Key>,
    outcomes: Map<Key, Outcome<Value>>,
    deadline: Deadline,
  ): Promise<void> {
    try {
      const connection = await deadline.bound(batch.connect());
      const timeoutMs = Math.min(this.settings.requestTimeoutMs, Math.ceil(deadline.leftMs));
      await deadline.bound(work.ask(connection, batch.keys, outcomes, timeoutMs));
    } catch (thrown) {
      failAll(batch.keys, outcomes, thrown);
    }
  }
}

function failAll<Key>(keys: readonly Key[], outcomes: Map<Key, unknown>, thrown: unknown): void {
  if (!(thrown instanceof MillraceError || thrown instanceof KafkaError)) throw thrown;
  if (isKafkaError(thrown, ...ENDING)) throw thrown;
  // The encoder refuses values that no request may carry, and fields that its version lacks.
  const isArgument = thrown instanceof MillraceError && thrown.code === 'MILLRACE_BAD_ARGUMENT';
  const error = toKafkaError(thrown, isArgument ? 'UNSUPPORTED_VERSION' : 'MALFORMED_ANSWER');
  for (const key of keys) if (!outcomes.has(key)) outcomes.set(key, error);
}

function unanswered(subject: string): KafkaError {
  return new KafkaError('MALFORMED_ANSWER', `the broker did not answer about ${subject}`);
}
