import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { text } from '../../client/serde/serdes.ts';
import { NodeMeter } from '../metrics/node-meter.ts';
import type { Receiver } from '../topology/receiver.ts';
import type { AnySerde } from '../topology/store-spec.ts';
import type { TaskId } from '../topology/task-id.ts';
import { TopologyError } from '../topology/topology-error.ts';
import {
  fullTopicName,
  type SourcePlan,
  type TimestampExtractor,
} from '../topology/topology-plan.ts';
import type { RecordChunk } from './record-chunk.ts';
import type { RecordQueue } from './record-queue.ts';
import { StreamsError } from './streams-error.ts';
import type { TaskEnvironment } from './task-environment.ts';
import type { TaskErrors } from './task-errors.ts';

/** Reads records of its topics: what their bytes mean, and what time they have. */
export class SourceNode {
  readonly name: string;
  readonly meter: NodeMeter;
  /** Of the record that was read last. */
  key: unknown = null;
  value: unknown = null;
  time = -1;
  /** In the order in which they were added. */
  children: readonly Receiver[] = [];
  readonly #key: AnySerde;
  readonly #value: AnySerde;
  /** Text is read where it lies. */
  readonly #keyIsText: boolean;
  readonly #valueIsText: boolean;
  readonly #extractor: TimestampExtractor | undefined;
  readonly #taskId: TaskId;
  readonly #environment: TaskEnvironment;
  readonly #errors: TaskErrors;

  constructor(plan: SourcePlan, taskId: TaskId, environment: TaskEnvironment, errors: TaskErrors) {
    this.name = plan.name;
    const topics = plan.topics.map((each) => fullTopicName(each, environment.applicationId));
    this.meter = new NodeMeter(plan.name, 'source', topics);
    this.#key = serdeOf(plan.name, 'key', plan.key ?? environment.defaultKey);
    this.#value = serdeOf(plan.name, 'value', plan.value ?? environment.defaultValue);
    this.#keyIsText = this.#key === text;
    this.#valueIsText = this.#value === text;
    this.#extractor = plan.extractor ?? environment.defaultExtractor;
    this.#taskId = taskId;
    this.#environment = environment;
    this.#errors = errors;
  }

  /** False where the record is left out. */
  read(
    queue: RecordQueue,
    chunk: RecordChunk,
    i: number,
    offset: number,
    headers: RecordHeaders,
  ): boolean {
    const { topic } = queue;
    const timestamp = chunk.timestamp(i);
    try {
      this.key = this.#keyIsText ? chunk.keyText(i) : read(this.#key, chunk.keyBytes(i), topic);
      this.value = this.#valueIsText
        ? chunk.valueText(i)
        : read(this.#value, chunk.valueBytes(i), topic);
    } catch (thrown) {
      this.#errors.unreadable(queue, chunk, i, thrown);
      return false;
    }
    this.time = timestamp;
    if (this.#extractor === undefined && timestamp >= 0) return true;
    return this.#extract(queue, offset, timestamp, headers);
  }

  #extract(
    { topic, partition, partitionTime }: RecordQueue,
    offset: number,
    timestamp: number,
    headers: RecordHeaders,
  ): boolean {
    if (this.#extractor === undefined) {
      const what = `record ${offset} of ${topic}-${partition} has the negative timestamp`;
      throw new StreamsError(`${what} ${timestamp}`, { node: this.name, topic, partition, offset });
    }
    const { key, value } = this;
    const record = { topic, partition, offset, timestamp, key, value, headers };
    this.time = this.#extractor(record, partitionTime);
    if (this.time >= 0) return true;
    this.#environment.onDropped(this.#taskId, this.name, 'negative-timestamp');
    return false;
  }
}

function read(serde: AnySerde, bytes: Uint8Array | null, topic: string): unknown {
  return bytes === null ? null : serde.deserialize(bytes, topic);
}

/** Of a source or sink; a topology without one is told before the first record. */
export function serdeOf(node: string, what: string, serde: AnySerde | undefined): AnySerde {
  if (serde !== undefined) return serde;
  throw new TopologyError(`node ${node} has no ${what} serde, and there is no default one`);
}
