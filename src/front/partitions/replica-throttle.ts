import type { Clock } from '../../base/clock.ts';
import type { BrokerConfig, ConfigTexts } from '../../metadata/config/broker-config.ts';
import type { MetadataView } from '../../metadata/metadata-view.ts';
import { SampledRate } from '../../security/quotas/sampled-rate.ts';

const NO_LIMIT = Number.MAX_SAFE_INTEGER;
const MS_PER_SECOND = 1000;
const ALL = 'all';
const NONE: ReadonlySet<number> = new Set();

/** The indexes of a topic's throttled partitions. */
type Throttled = ReadonlySet<number> | typeof ALL;
type Metadata = Pick<MetadataView, 'config' | 'image'>;

/**
 * Holds the bytes that replicas copy, as leaders send them or as followers take them, to the rate
 * that `leader.` or `follower.replication.throttled.rate` sets. It concerns those replicas that the
 * configuration of their topic names. Kafka's tool for reassignments sets both.
 */
export class ReplicaThrottle {
  readonly #side: 'leader' | 'follower';
  readonly #metadata: Metadata;
  readonly #clock: Clock;
  readonly #rate: SampledRate;
  readonly #byConfigs = new WeakMap<ConfigTexts, Throttled>();
  #bytesPerSecond = NO_LIMIT;
  /** The configuration that the rate is of. */
  #config: BrokerConfig | null = null;

  constructor(side: 'leader' | 'follower', metadata: Metadata, clock: Clock) {
    const { config } = metadata;
    const sampleMs = config.number('replication.quota.window.size.seconds') * MS_PER_SECOND;
    this.#side = side;
    this.#metadata = metadata;
    this.#clock = clock;
    this.#rate = new SampledRate(config.number('replication.quota.window.num'), sampleMs, false);
  }

  /** Whether there is a rate at all. */
  get isSet(): boolean {
    const { config } = this.#metadata;
    if (config !== this.#config) {
      this.#config = config;
      this.#bytesPerSecond = config.number(`${this.#side}.replication.throttled.rate`);
    }
    return this.#bytesPerSecond < NO_LIMIT;
  }

  /** Whether nothing of throttled replicas may be copied for now. */
  get isExceeded(): boolean {
    return this.isSet && this.#rate.measure(this.#clock.monotonicMs()) > this.#bytesPerSecond;
  }

  /** Whether the rate concerns this node's replica of the partition. */
  concerns(topicId: string, index: number): boolean {
    const topic = this.#metadata.image.topicsById.get(topicId);
    if (!this.isSet || topic === undefined) return false;
    let throttled = this.#byConfigs.get(topic.configs);
    if (throttled === undefined) {
      throttled = this.#throttledOf(topic.configs);
      this.#byConfigs.set(topic.configs, throttled);
    }
    return throttled === ALL || throttled.has(index);
  }

  /** Bytes of replicas that it concerns were copied. */
  count(bytes: number): void {
    this.#rate.record(bytes, this.#clock.monotonicMs());
  }

  #throttledOf(configs: ConfigTexts): Throttled {
    const text = configs.get(`${this.#side}.replication.throttled.replicas`)?.trim() ?? '';
    if (text === '') return NONE;
    if (text === '*') return ALL;
    const { nodeId } = this.#metadata.image;
    const replicas = text.split(',').map((replica) => replica.split(':').map(Number));
    return new Set(replicas.filter(([, broker]) => broker === nodeId).map(([index]) => index!));
  }
}
