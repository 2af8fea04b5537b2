import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import { NodeMeter } from '../metrics/node-meter.ts';
import type { Receiver } from '../topology/receiver.ts';
import { fullTopicName, type SinkPlan, type TopicChooser } from '../topology/topology-plan.ts';
import type { ErrorContext } from './error-handlers.ts';
import { type PartWriter, partWriter } from './part-writer.ts';
import type { RecordInHand } from './record-in-hand.ts';
import { serdeOf } from './source-node.ts';
import type { TaskEnvironment } from './task-environment.ts';
import type { ProductionVerdict, TaskErrors } from './task-errors.ts';
import { BY_KEY, type OutgoingRecord, type RecordSource, type TaskOutput } from './task-output.ts';

/** Writes what it takes to a topic. */
export class SinkNode implements Receiver, RecordSource {
  readonly name: string;
  readonly meter: NodeMeter;
  readonly #plan: SinkPlan;
  readonly #topic: string | TopicChooser;
  readonly #writeKey: PartWriter;
  readonly #writeValue: PartWriter;
  readonly #output: TaskOutput;
  readonly #hand: RecordInHand;
  readonly #errors: TaskErrors;
  readonly #onDropped: () => void;

  constructor(
    plan: SinkPlan,
    environment: TaskEnvironment,
    hand: RecordInHand,
    errors: TaskErrors,
    onDropped: () => void,
  ) {
    const { topic } = plan;
    this.name = plan.name;
    this.#plan = plan;
    this.#topic =
      typeof topic === 'function' ? topic : fullTopicName(topic, environment.applicationId);
    const { defaultKey, defaultValue } = environment;
    this.meter = new NodeMeter(plan.name, 'sink', topicsOf(this.#topic));
    this.#writeKey = partWriter(serdeOf(plan.name, 'key', plan.key ?? defaultKey));
    this.#writeValue = partWriter(serdeOf(plan.name, 'value', plan.value ?? defaultValue));
    this.#output = environment.output;
    this.#hand = hand;
    this.#errors = errors;
    this.#onDropped = onDropped;
  }

  context(): ErrorContext {
    return this.#errors.contextOf(this.name);
  }

  refused(context: ErrorContext, record: OutgoingRecord, error: unknown): ProductionVerdict {
    return this.#errors.refused(context, record, error);
  }

  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { meter } = this;
    meter.taken++;
    const hand = this.#hand;
    if (hand.isMeasured) meter.ages.add(hand.now - timestamp);
    const topic =
      typeof this.#topic === 'string' ? this.#topic : this.#choose(key, value, timestamp, headers);
    const { partitioner } = this.#plan;
    if (partitioner === undefined) {
      this.#send(topic, BY_KEY, key, value, timestamp, headers);
      return;
    }
    const count = this.#output.partitionCount(topic);
    const partitions = partitioner(topic, key, value, count);
    if (partitions === undefined) {
      this.#send(topic, BY_KEY, key, value, timestamp, headers);
      return;
    }
    if (partitions.length === 0) this.#onDropped();
    for (const partition of partitions) {
      this.#send(topic, partition, key, value, timestamp, headers);
    }
  }

  #send(
    topic: string,
    partition: number,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    let keyBytes: Encoded;
    let valueBytes: Encoded;
    try {
      keyBytes = isNothing(key) ? null : this.#writeKey(key, topic);
      valueBytes = isNothing(value) ? null : this.#writeValue(value, topic);
    } catch (thrown) {
      this.#errors.unwritable(this.name, { topic, key, value }, thrown);
      return;
    }
    try {
      this.#output.send(topic, partition, keyBytes, valueBytes, timestamp, headers, this);
    } catch (thrown) {
      this.#errors.unwritable(this.name, { topic, key: keyBytes, value: valueBytes }, thrown);
    }
  }

  #choose(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): string {
    const { topic, partition, offset } = this.#hand;
    const choose = this.#topic as TopicChooser;
    return choose(key, value, { topic, partition, offset, timestamp, headers });
  }
}

/** A function may choose any. */
function topicsOf(topic: string | TopicChooser): string[] {
  return typeof topic === 'string' ? [topic] : [];
}

function isNothing(part: unknown): boolean {
  return part === null || part === undefined;
}
