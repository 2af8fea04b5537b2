import type { MetricPlace, MetricsRegistry } from '../../client/metrics/metrics-registry.ts';
import { Growth } from './growth.ts';
import type { NodeMeter } from './node-meter.ts';
import {
  AGE_METRICS,
  CONSUMED_METRICS,
  FINAL_EMIT_METRICS,
  PROCESSOR_NODE_METRICS,
  PRODUCED_METRICS,
  SUPPRESSION_METRICS,
} from './streams-metric-names.ts';

const NODE_GROUP = 'stream-processor-node-metrics';
const TOPIC_GROUP = 'stream-topic-metrics';

/** The metrics of one node of a task. */
export class NodeMetrics {
  readonly #registry: MetricsRegistry;
  readonly #meter: NodeMeter;
  readonly #taken: Growth;
  readonly #ages;
  readonly #closings;
  readonly #tags: Readonly<Record<string, string>>;
  readonly #id: string;
  readonly #place: MetricPlace;
  #suppressed: Growth | null = null;
  #closed: Growth | null = null;

  constructor(
    registry: MetricsRegistry,
    meter: NodeMeter,
    task: string,
    taskTags: Readonly<Record<string, string>>,
  ) {
    this.#registry = registry;
    this.#meter = meter;
    this.#id = `${task}/${meter.node}`;
    this.#tags = { ...taskTags, 'processor-node-id': meter.node };
    this.#place = { scope: 'node', id: this.#id, group: NODE_GROUP, tags: this.#tags };
    this.#taken = new Growth(registry);
    this.#ages = registry.sensor();
    this.#closings = registry.sensor();
    this.#register();
  }

  sample(nowMs: number): void {
    const meter = this.#meter;
    this.#taken.look(meter.taken, nowMs);
    meter.ages.moveTo(this.#ages, nowMs);
    if (meter.suppressed > 0) {
      this.#suppressed ??= this.#registerSuppressed();
      this.#suppressed.look(meter.suppressed, nowMs);
    }
    meter.closings.moveTo(this.#closings, nowMs);
    if (meter.closed > 0) {
      this.#closed ??= this.#registerClosed();
      this.#closed.look(meter.closed, nowMs);
    }
  }

  remove(): void {
    this.#registry.remove('node', this.#id);
    for (const topic of this.#meter.topics) this.#registry.remove('topic', `${this.#id}/${topic}`);
  }

  #register(): void {
    const taken = this.#taken;
    const ages = this.#ages;
    this.#registry.register(this.#place, PROCESSOR_NODE_METRICS, {
      'process-rate': taken.rate,
      'process-total': () => this.#meter.taken,
    });
    if (this.#meter.endsHere || this.#meter.kind === 'source') {
      this.#registry.register(this.#place, AGE_METRICS, {
        'record-e2e-latency-avg': (nowMs) => ages.avg(nowMs),
        'record-e2e-latency-max': (nowMs) => ages.max(nowMs),
        'record-e2e-latency-min': (nowMs) => ages.min(nowMs),
      });
    }
    for (const topic of this.#meter.topics) this.#registerTopic(topic);
  }

  /** A node has one topic, or the records of each cannot be told apart here. */
  #registerTopic(topic: string): void {
    const { kind, topics } = this.#meter;
    if (topics.length > 1) return;
    const taken = this.#taken;
    const id = `${this.#id}/${topic}`;
    const place = {
      scope: 'topic',
      id,
      group: TOPIC_GROUP,
      tags: { ...this.#tags, topic },
    } as const;
    if (kind === 'source') {
      this.#registry.register(place, CONSUMED_METRICS, {
        'records-consumed-rate': taken.rate,
        'records-consumed-total': () => this.#meter.taken,
      });
    } else {
      this.#registry.register(place, PRODUCED_METRICS, {
        'records-produced-rate': taken.rate,
        'records-produced-total': () => this.#meter.taken,
      });
    }
  }

  #registerSuppressed(): Growth {
    const emitted = new Growth(this.#registry);
    this.#registry.register(this.#place, SUPPRESSION_METRICS, {
      'suppression-emit-rate': emitted.rate,
      'suppression-emit-total': () => this.#meter.suppressed,
    });
    return emitted;
  }

  #registerClosed(): Growth {
    const emitted = new Growth(this.#registry);
    const closings = this.#closings;
    this.#registry.register(this.#place, FINAL_EMIT_METRICS, {
      'window-aggregate-final-emit-rate': emitted.rate,
      'window-aggregate-final-emit-total': () => this.#meter.closed,
      'window-aggregate-final-emit-latency-avg': (nowMs) => closings.avg(nowMs),
      'window-aggregate-final-emit-latency-max': (nowMs) => closings.max(nowMs),
    });
    return emitted;
  }
}
