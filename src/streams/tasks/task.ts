import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import { TaskMeter } from '../metrics/task-meter.ts';
import type { Cancellable, DropReason, PunctuationClock } from '../topology/node-context.ts';
import type { NodeProcessor } from '../topology/node-processor.ts';
import type { Receiver } from '../topology/receiver.ts';
import type { StateStore } from '../topology/state-store.ts';
import type { TaskId } from '../topology/task-id.ts';
import type { ProcessorPlan, SubtopologyPlan } from '../topology/topology-plan.ts';
import { AsyncNode } from './async-node.ts';
import { type HeldOffset, HeldOffsets } from './held-offsets.ts';
import { LongWorks } from './long-works.ts';
import { PartitionGroup } from './partition-group.ts';
import { decodePartitionMetadata, encodePartitionMetadata } from './partition-metadata.ts';
import { type NodeHost, ProcessorNode } from './processor-node.ts';
import { Punctuations } from './punctuations.ts';
import type { RecordChunk } from './record-chunk.ts';
import { RecordInHand } from './record-in-hand.ts';
import { RecordQueue } from './record-queue.ts';
import { SinkNode } from './sink-node.ts';
import { SourceNode } from './source-node.ts';
import { StreamsError } from './streams-error.ts';
import type { TaskEnvironment } from './task-environment.ts';
import { TaskErrors } from './task-errors.ts';
import type { TaskPace } from './task-pace.ts';
import { TaskSources } from './task-sources.ts';
import { TaskStores } from './task-stores.ts';

/** Whether partitions are still at their end is looked at so often. */
const IDLE_LOOK_MS = 100;

/**
 * One partition's share of a sub-topology: its partitions, nodes and stores. All of it runs on one
 * thread, one record at a time. It knows nothing of sockets and timers: whoever owns it gives it
 * records, calls it, and commits.
 */
export class Task implements NodeHost {
  readonly taskId: TaskId;
  readonly applicationId: string;
  readonly hand = new RecordInHand();
  readonly errors: TaskErrors;
  readonly stores: TaskStores;
  readonly group: PartitionGroup;
  readonly meter: TaskMeter;
  /** Whether something happened that is not committed. */
  needsCommit = false;
  /** Whether a processor asked for a commit. */
  wantsCommit = false;
  readonly #environment: TaskEnvironment;
  readonly #sources: TaskSources;
  readonly #processors: ProcessorNode[] = [];
  readonly #onStreamTime = new Punctuations<ProcessorNode>();
  readonly #onClock = new Punctuations<ProcessorNode>();
  readonly asyncNodes: AsyncNode[] = [];
  readonly #works: LongWorks;
  readonly #idleAdvanceMs: number;
  /** Only of partitions of which records were kept. */
  readonly #held = new Map<RecordQueue, HeldOffsets>();
  /** Whose record is taken through the topology now. */
  #queue: RecordQueue | null = null;
  #offset = -1;
  /** What was kept of the record whose result goes on now. */
  #settling: HeldOffset | null = null;
  readonly #marks = new Map<string, number>();
  /** Whether the marks must be committed with all partitions, those without new records too. */
  #hasNewMarks = false;

  constructor(taskId: TaskId, plan: SubtopologyPlan, environment: TaskEnvironment, pace: TaskPace) {
    const { hand } = this;
    this.taskId = taskId;
    this.applicationId = environment.applicationId;
    this.#environment = environment;
    this.errors = new TaskErrors(taskId, environment, hand);
    this.#sources = new TaskSources(taskId, environment.applicationId);
    this.group = new PartitionGroup(pace.maxIdleMs, pace.lagOf);
    this.meter = new TaskMeter(this.group.lateness);
    this.#idleAdvanceMs = pace.idleAdvanceMs ?? Number.POSITIVE_INFINITY;
    this.#works = new LongWorks({
      hasRoom: () => environment.output.isFull !== true,
      hold: () => this.#hold(),
      settling: (held, run) => this.#settle(held, run),
    });
    this.stores = new TaskStores(taskId, plan.stores, plan.nodes, environment, hand, this);
    this.#build(plan);
  }

  get streamTime(): number {
    return this.group.streamTime;
  }

  /** A partition that it reads from now on. */
  addPartition(at: TopicPartition): RecordQueue {
    const source = this.#sources.of(at.topic);
    const queue = new RecordQueue(at, source);
    this.group.addQueue(queue);
    return queue;
  }

  /** What was committed of a partition: time goes on where it was. */
  resumeAt(queue: RecordQueue, offset: number, metadata: string): void {
    const { partitionTime, marks } = decodePartitionMetadata(metadata);
    queue.startAt(offset);
    this.group.setPartitionTime(queue, partitionTime);
    for (const [name, mark] of marks) {
      this.#marks.set(name, Math.max(mark, this.#marks.get(name) ?? mark));
    }
  }

  /** Opens the processors. All stores are open and restored. */
  open(): void {
    for (const node of this.#processors) {
      this.hand.clear(this.systemTime());
      node.open();
    }
  }

  close(): void {
    this.#onStreamTime.clear();
    this.#onClock.clear();
    this.#works.clear();
    for (const node of this.#processors.toReversed()) node.close();
    this.stores.close();
  }

  add(queue: RecordQueue, chunk: RecordChunk): void {
    this.group.add(queue, chunk);
  }

  /** Whether `process` would take a record now. */
  isReady(now: number): boolean {
    return !this.#isFull && this.group.isReady(now);
  }

  /** Takes the next record through the topology. False where none is ready. */
  process(now: number): boolean {
    if (!this.isReady(now)) return false;
    const { hand } = this;
    const queue = this.group.take(hand)!;
    hand.isMeasured = this.meter.next(queue.size);
    hand.now = now;
    if (!hand.isSkipped) {
      const { key, value, timestamp, headers, offset } = hand;
      const { meter } = queue.source;
      meter.taken++;
      if (hand.isMeasured) meter.ages.add(now - timestamp);
      this.#queue = queue;
      this.#offset = offset;
      for (const child of queue.source.children) child.take(key, value, timestamp, headers);
      this.#queue = null;
    }
    this.needsCommit = true;
    return true;
  }

  /** How many records wait for a call of theirs. What they lead to must not be committed before. */
  get unfinished(): number {
    let sum = this.#works.count;
    for (const { unfinished } of this.asyncNodes) sum += unfinished;
    return sum;
  }

  /** The nodes that they wait for. */
  get unfinishedNodes(): string[] {
    const calling = this.asyncNodes.filter(({ unfinished }) => unfinished > 0);
    return [...calling.map(({ node }) => node), ...this.#works.nodes];
  }

  /** Sends on what calls gave. True where records went on. */
  settle(): boolean {
    if (this.#works.count > 0) {
      this.hand.now = this.systemTime();
      this.#works.goOn();
      this.needsCommit = true;
      return true;
    }
    if (this.asyncNodes.length === 0) return false;
    this.hand.now = this.systemTime();
    let hasSent = false;
    for (const node of this.asyncNodes) if (node.settle()) hasSent = true;
    if (hasSent) this.needsCommit = true;
    return hasSent;
  }

  /** When `settle` is due though no call came back. */
  get nextSettleTime(): number {
    if (this.#works.count > 0) return 0;
    let earliest = Number.POSITIVE_INFINITY;
    for (const { nextTime } of this.asyncNodes) earliest = Math.min(earliest, nextTime);
    return earliest;
  }

  /** Makes the calls that stream time has come for. */
  punctuateStreamTime(): boolean {
    const { streamTime } = this;
    if (streamTime < this.#onStreamTime.nextTime || this.#works.count > 0) return false;
    return this.#run(this.#onStreamTime, streamTime);
  }

  /** Makes the calls that the clock has come for. */
  punctuateClock(): boolean {
    const now = this.systemTime();
    if (now < this.#onClock.nextTime || this.#works.count > 0) return false;
    return this.#run(this.#onClock, now);
  }

  /**
   * Where all partitions have been at their end for long, stream time goes on with the clock, and
   * operators do what is due. True where it did.
   */
  advanceIdle(now: number): boolean {
    const idleMs = this.#idleAdvanceMs;
    if (idleMs === Number.POSITIVE_INFINITY || this.streamTime < 0 || this.unfinished > 0) {
      return false;
    }
    const time = now - idleMs;
    const isDue = time >= this.streamTime + Math.max(this.emitIntervalMs, 1);
    if (!this.group.isIdle(now, idleMs) || !isDue) return false;
    this.group.advanceTo(time);
    this.#hasNewMarks = true;
    this.needsCommit = true;
    for (const node of this.#processors) {
      this.hand.clear(time);
      node.advance(time);
    }
    this.punctuateStreamTime();
    return true;
  }

  /** How long the owner may rest before `advanceIdle` may be due; infinite where it never is. */
  get idleLookMs(): number {
    return this.#idleAdvanceMs === Number.POSITIVE_INFINITY ? this.#idleAdvanceMs : IDLE_LOOK_MS;
  }

  /** When the clock's next call is due. */
  get nextClockTime(): number {
    return this.#onClock.nextTime;
  }

  /** Lets cached updates go, which may forward and write more records. Before offsets are taken. */
  flush(): void {
    this.stores.flush();
  }

  /** What to commit, with the time of each partition beside its offset. */
  offsets(): OffsetToCommit[] {
    const marks = this.#marks;
    const { queues } = this.group;
    const wanted = this.#hasNewMarks ? queues : queues.filter(({ wasTaken }) => wasTaken);
    const known = wanted.filter(({ position }) => position >= 0);
    return known.map((queue) => {
      const { topic, partition, position, partitionTime } = queue;
      const metadata = encodePartitionMetadata({ partitionTime, marks });
      const offset = Math.min(position, this.#held.get(queue)?.first ?? position);
      return { topic, partition, offset, metadata };
    });
  }

  /** The offsets are committed. */
  onCommitted(): void {
    this.needsCommit = false;
    this.wantsCommit = false;
    this.#hasNewMarks = false;
  }

  systemTime(): number {
    return this.#environment.now();
  }

  storeFor(node: string, name: string): StateStore {
    return this.stores.storeFor(node, name);
  }

  schedule(
    node: ProcessorNode,
    intervalMs: number,
    clock: PunctuationClock,
    punctuate: (timestamp: number) => void,
  ): Cancellable {
    if (!(intervalMs >= 1)) {
      const what = 'the minimum supported scheduling interval is 1 millisecond';
      throw new StreamsError(`${what}, not ${intervalMs}`, { node: node.node });
    }
    if (clock === 'stream-time') return this.#onStreamTime.schedule(node, 0, intervalMs, punctuate);
    const first = this.systemTime() + intervalMs;
    return this.#onClock.schedule(node, first, intervalMs, punctuate);
  }

  get emitIntervalMs(): number {
    return this.#environment.emitIntervalMs;
  }

  mark(name: string): number | undefined {
    return this.#marks.get(name);
  }

  setMark(name: string, mark: number): void {
    this.#marks.set(name, mark);
    this.#hasNewMarks = true;
  }

  spread(node: ProcessorNode, step: () => boolean): void {
    this.#works.begin(node, step);
  }

  requestCommit(): void {
    this.wantsCommit = true;
  }

  dropped(node: string, reason: DropReason): void {
    this.#environment.onDropped(this.taskId, node, reason);
  }

  #run(punctuations: Punctuations<ProcessorNode>, now: number): boolean {
    this.hand.now = this.systemTime();
    const startMs = performance.now();
    const hasRun = punctuations.run(now, (node, timestamp, call) => {
      this.hand.clear(timestamp);
      node.guarded(() => call(timestamp));
    });
    if (!hasRun) return false;
    this.meter.punctuations.add(performance.now() - startMs);
    this.needsCommit = true;
    return true;
  }

  #build({ nodes }: SubtopologyPlan): void {
    const environment = this.#environment;
    const receivers = new Map<string, Receiver>();
    const parents: { setChildren(children: Receiver[]): void; names: readonly string[] }[] = [];
    for (const plan of nodes) {
      const { name } = plan;
      if (plan.kind === 'source') {
        const source = new SourceNode(plan, this.taskId, environment, this.errors);
        this.#sources.add(plan, source);
        this.meter.nodes.push(source.meter);
        const setChildren = (children: Receiver[]) => {
          source.children = children;
        };
        parents.push({ names: plan.children, setChildren });
      } else if (plan.kind === 'processor') {
        const node = new ProcessorNode(name, this.#processorOf(plan), this);
        this.#processors.push(node);
        this.meter.nodes.push(node.meter);
        receivers.set(name, node);
        const setChildren = (children: Receiver[]) => node.connect(plan.children, children);
        parents.push({ names: plan.children, setChildren });
      } else {
        const onDropped = () => environment.onDropped(this.taskId, name, 'error');
        const sink = new SinkNode(plan, environment, this.hand, this.errors, onDropped);
        this.meter.nodes.push(sink.meter);
        receivers.set(name, sink);
      }
    }
    for (const { names, setChildren } of parents) {
      setChildren(names.map((name) => receivers.get(name)!));
    }
  }

  #processorOf({ make, async }: ProcessorPlan): NodeProcessor {
    if (async === undefined) return make();
    const node = new AsyncNode(async, {
      systemTime: () => this.systemTime(),
      hold: () => this.#hold(),
      settling: (held, run) => this.#settle(held, run),
      wake: () => this.#environment.wake(),
      failed: (...failure) => this.errors.unprocessed(...failure),
    });
    this.asyncNodes.push(node);
    return node;
  }

  #settle(held: HeldOffset | null, run: () => void): void {
    this.#settling = held;
    run();
    this.#settling = null;
  }

  /** What comes of a record keeps its offset, be it at once or when an earlier call was over. */
  #hold(): HeldOffset | null {
    if (this.#queue === null) {
      const { partition, offset } = this.#settling ?? {};
      return partition === undefined ? null : partition.hold(offset!);
    }
    let held = this.#held.get(this.#queue);
    if (held === undefined) {
      held = new HeldOffsets();
      this.#held.set(this.#queue, held);
    }
    return held.hold(this.#offset);
  }

  get #isFull(): boolean {
    if (this.#works.count > 0) return true;
    for (const node of this.asyncNodes) if (node.isFull) return true;
    return false;
  }
}
