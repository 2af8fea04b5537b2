import { partitionForKey } from '../records/key-partitioner.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { GatewayError } from './gateway-error.ts';
import type { Link } from './link.ts';
import type { ProducedOffset, ProduceOptions, ProduceRecord, TopicInfo } from './messages.ts';

const SEQUENCES = 2 ** 31;

/** What the broker knows this producer by. */
interface Identity {
  readonly producer: Promise<{ readonly producerId: number; readonly producerEpoch: number }>;
  readonly lanes: Map<string, Lane>;
}

/** The commands of one partition go one after the other: a repetition can then never overtake. */
interface Lane {
  sequence: number;
  last: Promise<unknown>;
}

interface Share {
  readonly partition: number;
  readonly records: ProduceRecord[];
}

/**
 * Appends each record once, however often it has to be sent: over lost connections, restarts and
 * passing failures.
 */
export class IdempotentProducer {
  readonly #link: Link;
  readonly #backoff: BackoffOptions;
  readonly #partitionCounts = new Map<string, number>();
  #identity: Identity | null = null;
  #keyless = 0;

  constructor(link: Link, backoff: BackoffOptions) {
    this.#link = link;
    this.#backoff = backoff;
  }

  async produce(
    topic: string,
    records: readonly ProduceRecord[],
    options: ProduceOptions,
  ): Promise<readonly ProducedOffset[]> {
    if (options.acks === 0) throw new TypeError('idempotence needs answers: acks 1 or all');
    const { partition } = options;
    const shares =
      partition === undefined
        ? this.#divide(records, options, await this.#partitionCount(topic))
        : [{ partition, records: [...records] }];
    return Promise.all(shares.map((share) => this.#enqueue(topic, share, options)));
  }

  async #partitionCount(topic: string): Promise<number> {
    const known = this.#partitionCounts.get(topic);
    if (known !== undefined) return known;
    const command = { type: 'topics', pattern: topic };
    const answer = (await this.#link.request(command, { survives: true })) as {
      topics: readonly TopicInfo[];
    };
    const count = answer.topics.find((each) => each.topic === topic)?.partitions.length;
    if (count === undefined) {
      throw new GatewayError('unknown_topic', `there is no topic ${topic}`, false);
    }
    this.#partitionCounts.set(topic, count);
    return count;
  }

  /** By key as Kafka's clients do it; those without go to one partition a call, in turn. */
  #divide(records: readonly ProduceRecord[], { keys }: ProduceOptions, count: number): Share[] {
    const shares = new Map<number, Share>();
    const keyless = this.#keyless++ % count;
    for (const { partition: own, ...record } of records) {
      const key = keyBytes(record.key, keys ?? 'text');
      const partition = own ?? (key === null ? keyless : partitionForKey(key, count));
      const share = shares.get(partition);
      if (share === undefined) shares.set(partition, { partition, records: [record] });
      else share.records.push(record);
    }
    return [...shares.values()];
  }

  #enqueue(topic: string, share: Share, options: ProduceOptions): Promise<ProducedOffset> {
    const identity = this.#currentIdentity();
    const key = `${topic}/${share.partition}`;
    const lane = identity.lanes.get(key) ?? { sequence: 0, last: Promise.resolve() };
    identity.lanes.set(key, lane);
    const done = lane.last.then(() => this.#append(identity, lane, topic, share, options));
    lane.last = done.then(ignore, ignore);
    return done;
  }

  #currentIdentity(): Identity {
    if (this.#identity !== null) return this.#identity;
    const producer = this.#link.request({ type: 'producer' }, { survives: true }) as Promise<{
      producerId: number;
      producerEpoch: number;
    }>;
    const identity = { producer, lanes: new Map<string, Lane>() };
    this.#identity = identity;
    return identity;
  }

  async #append(
    identity: Identity,
    lane: Lane,
    topic: string,
    { partition, records }: Share,
    { acks, keys, values, signal }: ProduceOptions,
  ): Promise<ProducedOffset> {
    const backoff = new Backoff(this.#backoff);
    for (;;) {
      try {
        const { producerId, producerEpoch } = await identity.producer;
        const { sequence } = lane;
        const idempotence = { producerId, producerEpoch, sequence };
        const what = { type: 'produce', topic, partition, acks, keys, values, records };
        const sending = { survives: true, signal };
        const answer = (await this.#link.request({ ...what, ...idempotence }, sending)) as {
          offsets: readonly ProducedOffset[];
        };
        lane.sequence = (sequence + records.length) % SEQUENCES;
        return answer.offsets[0]!;
      } catch (thrown) {
        if (!(thrown instanceof GatewayError) || !passes(thrown)) {
          // What of it is in the log is not known for sure: later records begin anew.
          if (this.#identity === identity) this.#identity = null;
          throw thrown;
        }
        await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()));
      }
    }
  }
}

/** Whether the same command may succeed later. */
function passes(error: GatewayError): boolean {
  const failed = error.failed as readonly { readonly retry?: boolean }[];
  return failed.length > 0 ? failed.every(({ retry }) => retry === true) : error.retry;
}

function keyBytes(key: unknown, format: string): Uint8Array | null {
  if (key === undefined || key === null) return null;
  if (format === 'base64') {
    return Uint8Array.from(atob(String(key)), (character) => character.charCodeAt(0));
  }
  return new TextEncoder().encode(format === 'json' ? JSON.stringify(key) : String(key));
}

function ignore(): void {}
