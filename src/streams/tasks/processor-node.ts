import type { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { NodeMeter } from '../metrics/node-meter.ts';
import type {
  Cancellable,
  DropReason,
  NodeContext,
  PunctuationClock,
} from '../topology/node-context.ts';
import type { NodeProcessor } from '../topology/node-processor.ts';
import type { Receiver } from '../topology/receiver.ts';
import type { RecordOrigin } from '../topology/record-origin.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { TaskId } from '../topology/task-id.ts';
import type { RecordInHand } from './record-in-hand.ts';
import { StreamsError } from './streams-error.ts';
import type { TaskErrors } from './task-errors.ts';

/** What the nodes of a task ask of it. */
export interface NodeHost {
  readonly taskId: TaskId;
  readonly applicationId: string;
  readonly hand: RecordInHand;
  readonly errors: TaskErrors;
  readonly streamTime: number;
  systemTime(): number;
  storeFor(node: string, name: string): StateStore;
  schedule(
    node: ProcessorNode,
    intervalMs: number,
    clock: PunctuationClock,
    punctuate: (timestamp: number) => void,
  ): Cancellable;
  requestCommit(): void;
  mark(name: string): number | undefined;
  setMark(name: string, mark: number): void;
  readonly emitIntervalMs: number;
  spread(node: ProcessorNode, step: () => boolean): void;
  dropped(node: string, reason: DropReason): void;
}

/** A processor in its task: it takes records, and is the context in which the processor runs. */
export class ProcessorNode implements Receiver, NodeContext {
  readonly node: string;
  readonly meter: NodeMeter;
  readonly #host: NodeHost;
  readonly #hand: RecordInHand;
  readonly #processor: NodeProcessor;
  #children: readonly Receiver[] = [];
  #childNames: readonly string[] = [];

  constructor(name: string, processor: NodeProcessor, host: NodeHost) {
    this.node = name;
    this.meter = new NodeMeter(name, 'processor');
    this.meter.endsHere = true;
    this.#processor = processor;
    this.#host = host;
    this.#hand = host.hand;
  }

  connect(names: readonly string[], children: readonly Receiver[]): void {
    this.#childNames = names;
    this.#children = children;
    this.meter.endsHere = children.length === 0;
  }

  open(): void {
    this.#processor.open(this);
  }

  close(): void {
    this.#processor.close?.();
  }

  /** Stream time has gone on without a record. */
  advance(streamTime: number): void {
    this.guarded(() => this.#processor.advance?.(streamTime));
  }

  /** What is thrown is for the processing handler, without a record of this node. */
  guarded(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.#host.errors.unprocessed(this.node, null, null, thrown);
    }
  }

  /** What the processor throws is for the processing handler; its siblings go on. */
  take(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const { meter } = this;
    meter.taken++;
    const hand = this.#hand;
    if (meter.endsHere && hand.isMeasured) meter.ages.add(hand.now - timestamp);
    try {
      this.#processor.take(key, value, timestamp, headers);
    } catch (thrown) {
      this.#host.errors.unprocessed(this.node, key, value, thrown);
    }
  }

  forward(key: unknown, value: unknown, timestamp: number, headers: RecordHeaders): void {
    const hand = this.#hand;
    const { timestamp: timestampBefore, headers: headersBefore } = hand;
    hand.timestamp = timestamp;
    hand.headers = headers;
    for (const child of this.#children) child.take(key, value, timestamp, headers);
    hand.timestamp = timestampBefore;
    hand.headers = headersBefore;
  }

  forwardTo(
    name: string,
    key: unknown,
    value: unknown,
    timestamp: number,
    headers: RecordHeaders,
  ): void {
    const child = this.#children[this.#childNames.indexOf(name)];
    if (child === undefined) {
      throw new StreamsError(`node ${this.node} has no child ${name}`, { node: this.node });
    }
    const hand = this.#hand;
    const { timestamp: timestampBefore, headers: headersBefore } = hand;
    hand.timestamp = timestamp;
    hand.headers = headers;
    child.take(key, value, timestamp, headers);
    hand.timestamp = timestampBefore;
    hand.headers = headersBefore;
  }

  get taskId(): TaskId {
    return this.#host.taskId;
  }

  get applicationId(): string {
    return this.#host.applicationId;
  }

  get topic(): string {
    return this.#hand.topic;
  }

  get partition(): number {
    return this.#hand.partition;
  }

  get offset(): number {
    return this.#hand.offset;
  }

  get timestamp(): number {
    return this.#hand.timestamp;
  }

  get headers(): RecordHeaders {
    return this.#hand.headers;
  }

  get streamTime(): number {
    return this.#host.streamTime;
  }

  systemTime(): number {
    return this.#host.systemTime();
  }

  store<S extends StateStore>(name: string): S {
    return this.#host.storeFor(this.node, name) as S;
  }

  schedule(
    intervalMs: number,
    clock: PunctuationClock,
    punctuate: (timestamp: number) => void,
  ): Cancellable {
    return this.#host.schedule(this, intervalMs, clock, punctuate);
  }

  commit(): void {
    this.#host.requestCommit();
  }

  withOrigin(origin: RecordOrigin, run: () => void): void {
    const hand = this.#hand;
    const { topic, partition, offset, timestamp, headers } = hand;
    hand.topic = origin.topic;
    hand.partition = origin.partition;
    hand.offset = origin.offset;
    hand.timestamp = origin.timestamp;
    hand.headers = origin.headers;
    try {
      run();
    } finally {
      hand.topic = topic;
      hand.partition = partition;
      hand.offset = offset;
      hand.timestamp = timestamp;
      hand.headers = headers;
    }
  }

  spread(step: () => boolean): void {
    this.#host.spread(this, step);
  }

  processorMetadata(key: string): number | undefined {
    return this.#host.mark(key);
  }

  setProcessorMetadata(key: string, value: number): void {
    this.#host.setMark(key, value);
  }

  get emitIntervalMs(): number {
    return this.#host.emitIntervalMs;
  }

  dropped(reason: DropReason): void {
    this.#host.dropped(this.node, reason);
  }

  emitted(what: 'suppressed' | 'closed'): void {
    this.meter[what]++;
  }

  closingTook(ms: number): void {
    this.meter.closings.add(ms);
  }
}
