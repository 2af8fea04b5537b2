import type { Cancellable } from '../topology/node-context.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { TaskId } from '../topology/task-id.ts';
import type { GlobalStorePlan } from '../topology/topology-plan.ts';
import { type NodeHost, ProcessorNode } from './processor-node.ts';
import type { RecordChunk } from './record-chunk.ts';
import { RecordInHand } from './record-in-hand.ts';
import { RecordQueue } from './record-queue.ts';
import { SourceNode } from './source-node.ts';
import { StreamsError } from './streams-error.ts';
import type { TaskEnvironment } from './task-environment.ts';
import { TaskErrors } from './task-errors.ts';
import { TaskStores } from './task-stores.ts';

/** Fills a global store from all partitions of its topic. What cannot be read is left out. */
export class GlobalTask implements NodeHost {
  readonly taskId: TaskId;
  readonly applicationId: string;
  readonly topic: string;
  readonly hand = new RecordInHand();
  readonly errors: TaskErrors;
  readonly store: StateStore;
  streamTime = -1;
  readonly #stores: TaskStores;
  readonly #source: SourceNode;
  readonly #processor: ProcessorNode;
  readonly #environment: TaskEnvironment;
  readonly #queues = new Map<number, RecordQueue>();

  constructor(plan: GlobalStorePlan, environment: TaskEnvironment) {
    const { hand } = this;
    const spec = plan.store.spec;
    this.taskId = { subtopology: plan.id, partition: -1 };
    this.applicationId = environment.applicationId;
    this.topic = plan.topic;
    this.#environment = environment;
    const resuming = {
      ...environment.handlers,
      deserialization: () => ({ result: 'resume' as const }),
    };
    this.errors = new TaskErrors(this.taskId, { ...environment, handlers: resuming }, hand);
    this.#stores = new TaskStores(
      this.taskId,
      [{ spec, changelog: undefined }],
      [plan.source, plan.processor],
      environment,
      hand,
      this,
    );
    this.store = this.#stores.get(spec.name)!;
    this.#source = new SourceNode(plan.source, this.taskId, environment, this.errors);
    this.#processor = new ProcessorNode(plan.processor.name, plan.processor.make(), this);
    this.#source.children = [this.#processor];
  }

  open(): void {
    this.#stores.open();
    this.hand.clear(this.systemTime());
    this.#processor.open();
  }

  close(): void {
    this.#processor.close();
    this.#stores.close();
  }

  flush(): void {
    this.#stores.flush();
  }

  /** Records of one partition, at once. */
  update(partition: number, chunk: RecordChunk): void {
    const queue = this.#queueOf(partition);
    const { hand } = this;
    queue.add(chunk);
    while (!queue.isEmpty) {
      queue.take(hand);
      if (hand.isSkipped) continue;
      if (hand.timestamp > this.streamTime) this.streamTime = hand.timestamp;
      this.#processor.take(hand.key, hand.value, hand.timestamp, hand.headers);
    }
  }

  systemTime(): number {
    return this.#environment.now();
  }

  storeFor(node: string, name: string): StateStore {
    return this.#stores.storeFor(node, name);
  }

  schedule(node: ProcessorNode): Cancellable {
    throw new StreamsError('a global store has no punctuations', { node: node.node });
  }

  /** It sends nothing on, so that nothing has to wait. */
  spread(_node: ProcessorNode, step: () => boolean): void {
    while (step());
  }

  get emitIntervalMs(): number {
    return this.#environment.emitIntervalMs;
  }

  mark(): undefined {
    return undefined;
  }

  setMark(): void {
    throw new StreamsError('a global store commits nothing', { node: this.#processor.node });
  }

  requestCommit(): void {
    throw new StreamsError('a global store commits nothing', { node: this.#processor.node });
  }

  dropped(node: string, reason: Parameters<NodeHost['dropped']>[1]): void {
    this.#environment.onDropped(this.taskId, node, reason);
  }

  #queueOf(partition: number): RecordQueue {
    let queue = this.#queues.get(partition);
    if (queue === undefined) {
      queue = new RecordQueue({ topic: this.topic, partition }, this.#source);
      this.#queues.set(partition, queue);
    }
    return queue;
  }
}
