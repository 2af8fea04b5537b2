import { partitionForKey } from '../records/key-partitioner.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import { GatewayError } from './gateway-error.ts';
import type { Link } from './link.ts';
import type { ProducedOffset, ProduceOptions, ProduceRecord, TopicInfo } from './messages.ts';
import { ProducerIdentity } from './producer-identity.ts';

const SEQUENCES = 2 ** 31;
/** Partition counts older than this are asked for again, as Kafka's clients do. */
const COUNT_AGE_MS = 5 * 60_000;

interface PartitionCount {
  readonly count: Promise<number>;
  readonly askedMs: number;
}

/** The commands of one partition are sent one after the other, so that a retry never overtakes. */
interface Lane {
  /** The producer that the sequence belongs to. */
  producer: ProducerIdentity | null;
  sequence: number;
  last: Promise<unknown>;
}

interface Share {
  readonly partition: number;
  /** Whether the caller named the partition. Otherwise it follows from the partition count. */
  readonly isFixed: boolean;
  readonly records: ProduceRecord[];
}

/**
 * Appends each record once, however often it is sent: over lost connections, restarts and passing
 * failures.
 */
export class IdempotentProducer {
  readonly #link: Link;
  readonly #backoff: BackoffOptions;
  readonly #counts = new Map<string, PartitionCount>();
  readonly #lanes = new Map<string, Lane>();
  #producer: ProducerIdentity | null = null;
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
    if (partition !== undefined) {
      return [
        await this.#enqueue(topic, { partition, isFixed: true, records: [...records] }, options),
      ];
    }
    const count = await this.#partitionCount(topic);
    const shares = this.#divide(records, options, count);
    const appended = shares.map((share) => this.#appendShare(topic, share, options, count));
    return (await Promise.all(appended)).flat();
  }

  /**
   * A topic that was made anew may have fewer partitions than were counted. A share for a partition
   * that is gone was not appended: its records are divided again, by the new count.
   */
  async #appendShare(
    topic: string,
    share: Share,
    options: ProduceOptions,
    count: number,
  ): Promise<ProducedOffset[]> {
    try {
      return [await this.#enqueue(topic, share, options)];
    } catch (thrown) {
      if (share.isFixed || !isUnknownPartition(thrown)) throw thrown;
      const known = this.#counts.get(topic);
      if (known !== undefined && (await known.count) === count) this.#counts.delete(topic);
      const newCount = await this.#partitionCount(topic);
      if (newCount === count) throw thrown;
      const shares = this.#divide(share.records, options, newCount);
      const appended = shares.map((each) => this.#appendShare(topic, each, options, newCount));
      return (await Promise.all(appended)).flat();
    }
  }

  /** Calls that come while the broker is asked wait for the same answer, so their order stays. */
  #partitionCount(topic: string): Promise<number> {
    const nowMs = Date.now();
    const known = this.#counts.get(topic);
    if (known !== undefined && nowMs - known.askedMs < COUNT_AGE_MS) return known.count;
    const asked = { count: this.#askPartitionCount(topic), askedMs: nowMs };
    this.#counts.set(topic, asked);
    asked.count.catch(() => {
      if (this.#counts.get(topic) === asked) this.#counts.delete(topic);
    });
    return asked.count;
  }

  async #askPartitionCount(topic: string): Promise<number> {
    const command = { type: 'topics', pattern: topic };
    const answer = (await this.#link.request(command, { survives: true })) as {
      topics: readonly TopicInfo[];
    };
    const count = answer.topics.find((each) => each.topic === topic)?.partitions.length;
    if (count === undefined) {
      throw new GatewayError('unknown_topic', `there is no topic ${topic}`, false);
    }
    return count;
  }

  /**
   * Divides records by key as Kafka's clients do. Records without a key go to one partition a call.
   */
  #divide(records: readonly ProduceRecord[], { keys }: ProduceOptions, count: number): Share[] {
    const shares = new Map<string, Share>();
    const keyless = this.#keyless++ % count;
    for (const { partition: own, ...record } of records) {
      const key = keyBytes(record.key, keys ?? 'text');
      const partition = own ?? (key === null ? keyless : partitionForKey(key, count));
      const isFixed = own !== undefined;
      const name = `${partition}/${isFixed}`;
      const share = shares.get(name);
      if (share === undefined) shares.set(name, { partition, isFixed, records: [record] });
      else share.records.push(record);
    }
    return [...shares.values()];
  }

  #enqueue(topic: string, share: Share, options: ProduceOptions): Promise<ProducedOffset> {
    const key = `${topic}/${share.partition}`;
    const lane = this.#lanes.get(key) ?? { producer: null, sequence: 0, last: Promise.resolve() };
    this.#lanes.set(key, lane);
    const done = lane.last.then(() => this.#append(lane, topic, share, options));
    lane.last = done.then(ignore, ignore);
    return done;
  }

  async #append(
    lane: Lane,
    topic: string,
    { partition, records }: Share,
    { acks, keys, values, signal }: ProduceOptions,
  ): Promise<ProducedOffset> {
    this.#producer ??= new ProducerIdentity(this.#link);
    const producer = this.#producer;
    if (lane.producer !== producer) {
      lane.producer = producer;
      lane.sequence = 0;
    }
    const { sequence } = lane;
    const backoff = new Backoff(this.#backoff);
    for (;;) {
      try {
        const idempotence = { ...(await producer.get()), sequence };
        const what = { type: 'produce', topic, partition, acks, keys, values, records };
        const sending = { survives: true, signal };
        const answer = (await this.#link.request({ ...what, ...idempotence }, sending)) as {
          offsets: readonly ProducedOffset[];
        };
        lane.sequence = (sequence + records.length) % SEQUENCES;
        return answer.offsets[0]!;
      } catch (thrown) {
        if (!(thrown instanceof GatewayError) || !passes(thrown)) {
          // Nobody knows which of the records are in the log. Later records get another producer.
          if (this.#producer === producer) this.#producer = null;
          throw thrown;
        }
        await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()));
      }
    }
  }
}

function isUnknownPartition(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'unknown_partition';
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
