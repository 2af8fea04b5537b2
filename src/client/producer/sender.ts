import { inBackground } from '../../base/in-background.ts';
import { API } from '../../protocol/api-keys.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import { type KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import type { Connection } from '../net/connection.ts';
import { LANE } from '../net/lane.ts';
import type { Timed } from '../net/request-clock.ts';
import type { Accumulator } from './accumulator.ts';
import type { Batch } from './batch.ts';
import { BrokerSink } from './broker-sink.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { ProduceExchange } from './produce-exchange.ts';
import { layOutProduce, PRODUCE_BY_ID_VERSION, type ProduceTarget } from './produce-request.ts';
import { ProduceResults } from './produce-results.ts';
import type { ProducerIdentity } from './producer-identity.ts';
import type { ProducerMetrics } from './producer-metrics.ts';
import type { ProducerSettings } from './producer-options.ts';

/** Who says whether a partition may be written to now: its transaction. */
export interface SendGate {
  /** The highest version of Produce that the protocol of the transaction allows. */
  readonly maxVersion: number;
  /** False where the batches of the partition must wait; `Sender.wake` follows. */
  admits(queue: PartitionQueue): boolean;
  onFailure(error: KafkaError): void;
  /** Whether no further attempt makes sense: the transaction will be aborted. */
  readonly isBroken: boolean;
}

const EXPIRY_EVERY_MS = 250;

/**
 * Takes closed batches to the leaders of their partitions. All that became ready in one turn of the
 * event loop leaves together, one request a broker at a time until its requests in flight are
 * enough.
 */
export class Sender implements Timed {
  readonly #link: ClusterLink;
  readonly #settings: ProducerSettings;
  readonly #accumulator: Accumulator;
  readonly #identity: ProducerIdentity | null;
  readonly #gate: SendGate | null;
  readonly #metrics: ProducerMetrics;
  readonly #results: ProduceResults;
  readonly #sinks = new Map<number, BrokerSink>();
  /** Queues that wait for a time, a leader, or their transaction. */
  readonly #delayed = new Set<PartitionQueue>();
  readonly #forgetListener: () => void;
  readonly #landing: (() => void)[] = [];
  #checkedMs = 0;
  #isClosed = false;

  constructor(
    link: ClusterLink,
    settings: ProducerSettings,
    accumulator: Accumulator,
    identity: ProducerIdentity | null,
    gate: SendGate | null,
    metrics: ProducerMetrics,
  ) {
    this.#link = link;
    this.#settings = settings;
    this.#accumulator = accumulator;
    this.#identity = identity;
    this.#gate = gate;
    this.#metrics = metrics;
    this.#results = new ProduceResults(link, settings, accumulator, this, gate, metrics);
    this.#forgetListener = link.metadata.onChange(() => this.wake());
    link.network.clock.add(this);
  }

  /** The partition has a batch that may leave. */
  onReady(queue: PartitionQueue): void {
    if (queue.isListed || this.#isClosed) return;
    if (queue.waitingSinceMs === 0) queue.waitingSinceMs = performance.now();
    const leader = this.#leaderOf(queue);
    if (leader < 0) {
      this.delay(queue);
      this.#link.metadata.invalidate();
      return;
    }
    const sink = this.#sinkOf(leader);
    sink.list(queue);
    this.#schedule(sink);
  }

  delay(queue: PartitionQueue): void {
    this.#delayed.add(queue);
  }

  /** Looks again at all that waits. */
  wake(): void {
    const delayed = [...this.#delayed];
    this.#delayed.clear();
    for (const queue of delayed) this.onReady(queue);
    for (const sink of this.#sinks.values()) this.#schedule(sink);
  }

  onTick(nowMs: number): boolean {
    if (this.#isClosed) return false;
    if (nowMs - this.#checkedMs >= EXPIRY_EVERY_MS) {
      this.#checkedMs = nowMs;
      for (const queue of this.#accumulator.allQueues()) {
        if (!queue.isIdle) this.#results.expire(queue, nowMs);
      }
    }
    this.wake();
    return true;
  }

  /** Resolves once no request is on its way. */
  landed(): Promise<void> {
    if (this.#inFlight() === 0) return Promise.resolve();
    return new Promise((resolve) => this.#landing.push(resolve));
  }

  #inFlight(): number {
    let count = 0;
    for (const sink of this.#sinks.values()) count += sink.requestsInFlight;
    return count;
  }

  /** A request has its answer, or will never have one. */
  onSettled(sink: BrokerSink): void {
    sink.requestsInFlight--;
    this.#schedule(sink);
    if (this.#landing.length === 0 || this.#inFlight() > 0) return;
    for (const each of this.#landing.splice(0)) each();
  }

  /** Fails a batch that is in no queue any more. */
  fail(queue: PartitionQueue, batch: Batch, error: KafkaError): void {
    this.#results.fail(queue, batch, error);
  }

  /** Fails all that has not left: the transaction that it belongs to is aborted. */
  failUnsent(error: KafkaError): void {
    for (const queue of this.#accumulator.allQueues()) {
      this.#accumulator.close(queue);
      for (const batch of queue.queue.splice(0)) this.#results.fail(queue, batch, error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#forgetListener();
    this.#link.network.clock.remove(this);
  }

  #leaderOf(queue: PartitionQueue): number {
    const topic = this.#link.metadata.topic(queue.topic);
    return topic?.partitions[queue.partition]?.leader ?? -1;
  }

  #sinkOf(nodeId: number): BrokerSink {
    let sink = this.#sinks.get(nodeId);
    if (sink === undefined) {
      sink = new BrokerSink(nodeId);
      this.#sinks.set(nodeId, sink);
    }
    return sink;
  }

  #schedule(sink: BrokerSink): void {
    if (sink.isScheduled || sink.queues.length === 0) return;
    sink.isScheduled = true;
    process.nextTick(drainSink, this, sink);
  }

  drain(sink: BrokerSink): void {
    sink.isScheduled = false;
    if (this.#isClosed) return;
    if (this.#identity !== null && !this.#identity.isKnown && this.#gate === null) {
      this.#identity.acquire();
      return;
    }
    const connection = this.#connectionOf(sink);
    if (connection === null) return;
    const nowMs = performance.now();
    // The clock's next tick looks again.
    if (nowMs < connection.throttledUntilMs) return;
    const { maxInFlightRequestsPerConnection: most } = this.#settings;
    while (sink.requestsInFlight < most) {
      const targets = this.#gather(sink, nowMs);
      if (targets.length === 0) return;
      this.#metrics.onRequest(targets, nowMs);
      this.#send(sink, connection, targets);
    }
  }

  /** The open connection; null while it is being opened. */
  #connectionOf(sink: BrokerSink): Connection | null {
    const lane = this.#link.network.lane(sink.nodeId, LANE.PRODUCE);
    if (lane === null) {
      this.#unlistAll(sink);
      this.#link.metadata.invalidate();
      return null;
    }
    const { current } = lane;
    if (current !== null || sink.isConnecting) return current;
    sink.isConnecting = true;
    const connected = lane.connect().then(() => {
      sink.isConnecting = false;
      this.#schedule(sink);
    });
    inBackground(connected, (thrown) => {
      sink.isConnecting = false;
      const error = toKafkaError(thrown);
      if (this.#isClosed) return;
      if (error.category === 'invalid-configuration') this.#failAll(sink, error);
      else this.#link.metadata.invalidate();
    });
    return null;
  }

  /** A refused password or certificate is refused again: nothing would come of waiting. */
  #failAll(sink: BrokerSink, error: KafkaError): void {
    for (const queue of sink.queues) {
      this.#accumulator.close(queue);
      for (const batch of queue.queue.splice(0)) this.#results.fail(queue, batch, error);
    }
  }

  #unlistAll(sink: BrokerSink): void {
    for (const queue of sink.queues) {
      queue.isListed = false;
      this.delay(queue);
    }
    sink.queues = [];
  }

  /** One batch of each partition that may send. Queues with nothing more leave the list. */
  #gather(sink: BrokerSink, nowMs: number): ProduceTarget[] {
    let targets: ProduceTarget[] = [];
    let staying: PartitionQueue[] = [];
    let sent: PartitionQueue[] = [];
    let bytes = 0;
    for (const queue of sink.queues) {
      if (queue.queue.length === 0 && this.#isOpenDue(queue)) this.#accumulator.close(queue);
      const batch = queue.queue[0];
      if (
        batch !== undefined &&
        bytes > 0 &&
        bytes + batch.length > this.#settings.maxRequestSize
      ) {
        staying = added(staying, queue);
        continue;
      }
      if (!this.#mayTake(sink, queue, nowMs)) continue;
      bytes += batch!.length;
      targets = added(targets, this.#take(queue, batch!));
      if (queue.queue.length > 0 || this.#isOpenDue(queue)) sent = added(sent, queue);
      else queue.isListed = false;
    }
    // Those that were not served go first the next time.
    sink.queues = staying.length === 0 ? sent : staying.concat(sent);
    if (targets.length > 1) targets.sort(byTopic);
    return targets;
  }

  /** Without a linger time a batch is due as soon as there is room for it on the way. */
  #isOpenDue(queue: PartitionQueue): boolean {
    const isDue = this.#settings.lingerMs === 0 || this.#accumulator.flushes;
    return isDue && queue.open !== null;
  }

  /** Where the queue cannot send now, it leaves the list and comes back in its time. */
  #mayTake(sink: BrokerSink, queue: PartitionQueue, nowMs: number): boolean {
    if (queue.queue.length === 0) {
      queue.isListed = false;
      return false;
    }
    const isHere = this.#leaderOf(queue) === sink.nodeId;
    const isAdmitted = this.#gate === null || this.#gate.admits(queue);
    if (isHere && isAdmitted && queue.canSend(nowMs) && !this.#isWornOut(queue)) return true;
    queue.isListed = false;
    if (isHere) this.delay(queue);
    else this.onReady(queue);
    return false;
  }

  /** After 32,767 lost batches the producer id has no epochs left, and another is fetched. */
  #isWornOut(queue: PartitionQueue): boolean {
    const identity = this.#identity;
    if (identity === null || !queue.isWornOut) return false;
    if (identity.id !== queue.producerId) {
      queue.restart(identity.id, identity.epoch);
      return false;
    }
    identity.acquire();
    return true;
  }

  #take(queue: PartitionQueue, batch: Batch): ProduceTarget {
    const identity = this.#identity;
    if (identity !== null) queue.number(batch, identity.id, identity.epoch);
    else if (batch.attempts === 0) batch.seal(-1, -1, -1);
    queue.queue.shift();
    queue.inFlight.push(batch);
    queue.waitingSinceMs = 0;
    batch.isInFlight = true;
    batch.attempts++;
    const { topic, partition } = queue;
    const topicId = this.#link.metadata.topic(topic)?.id ?? ZERO_UUID;
    return { topic, topicId, partition, batch, queue };
  }

  #send(sink: BrokerSink, connection: Connection, targets: readonly ProduceTarget[]): void {
    sink.requestsInFlight++;
    const exchange = new ProduceExchange(this, this.#results, sink, connection, targets);
    const { clientId, requestTimeoutMs, acks, transactionalId } = this.#settings;
    try {
      const hasIds = targets.every(({ topicId }) => topicId !== ZERO_UUID);
      const most = hasIds ? PRODUCE_BY_ID_VERSION : PRODUCE_BY_ID_VERSION - 1;
      const limit = Math.min(most, this.#gate?.maxVersion ?? most);
      const version = connection.versionOf(API.PRODUCE, limit);
      exchange.version = version;
      const timeoutMs = requestTimeoutMs;
      const head = { version, clientId, transactionalId, acks: acks as number, timeoutMs };
      const chunks = layOutProduce(head, targets);
      if (acks === 0) connection.sendUnanswered(chunks, () => exchange.onTaken());
      else connection.send(API.PRODUCE, chunks, exchange);
    } catch (thrown) {
      exchange.onFailure(toKafkaError(thrown));
    }
  }
}

/** The list with one more. A first one gets a list of one place: most requests have one batch. */
function added<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}

function drainSink(sender: Sender, sink: BrokerSink): void {
  sender.drain(sink);
}

function byTopic(one: ProduceTarget, other: ProduceTarget): number {
  if (one.topic === other.topic) return one.partition - other.partition;
  return one.topic < other.topic ? -1 : 1;
}
